# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What an error detector is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import torch

from restage.stages.model import Stage


class ErrorDetector(Protocol):
    """Looks at what a stage produced, before it is checkpointed or used."""

    name: str

    def check(self, stage: Stage, outputs: Mapping[str, torch.Tensor]) -> str | None:
        """Return what is wrong with ``outputs``, or None."""
