# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What an error means for the process it happened in."""

from __future__ import annotations

from enum import Enum


class Failure(str, Enum):
    """
    The value is the name of the error detector in whose name it is reported.

    ``ORDINARY``: run again. ``GPU_MEMORY``: give memory back to the GPU and run again.
    ``CONTEXT_LOST``: the GPU's context is lost, every later call fails, and the process must end.
    """

    ORDINARY = 'exception'
    GPU_MEMORY = 'gpu_memory'
    CONTEXT_LOST = 'backend_lost'


class ContextLostError(Exception):
    """The GPU's context is lost: this process must end."""
