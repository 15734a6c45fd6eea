# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What goes wrong with recordings."""

from __future__ import annotations


class RecordingError(ValueError):
    """A recording cannot be made or read; the message says why, and what is accepted."""
