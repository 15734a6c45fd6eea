# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Where results go while only the time that they take counts."""

from __future__ import annotations

import torch

from restage.checkpoint.control import Control
from restage.stages.frame import FrameJob
from restage.stages.reports import StageReport

EPOCH = 1


class Swallow:
    """An outlet that publishes nothing, but asks whether it may, as a node's does."""

    def __init__(self, control: Control) -> None:
        """Compare with the epoch in ``control``."""
        self._control = control

    def may_publish(self) -> bool:
        """Return whether the store still has EPOCH."""
        return self._control.epoch == EPOCH

    def publish(self, job: FrameJob, detections: torch.Tensor) -> None:
        """Do nothing."""

    def report(self, report: StageReport) -> None:
        """Do nothing."""

    def warn(self, text: str) -> None:
        """
        Refuse to go on: a frame without its checkpoints would measure too little.

        :raises RuntimeError: always.
        """
        raise RuntimeError(text)
