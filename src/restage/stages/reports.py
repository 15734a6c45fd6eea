# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What the frame engine tells the world about a frame."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

import torch

from restage.checkpoint.boundaries import NO_CHECKPOINT
from restage.stages.frame import FrameJob


class ReportState(IntEnum):
    """The constants of restage_msgs/StageStatus."""

    STARTED = 0
    DONE = 1
    ERROR = 2
    RESUMED = 3
    PUBLISHED = 4
    DROPPED = 5


@dataclass(frozen=True, kw_only=True)
class StageReport:
    """One step of one frame; times and durations in ns, times on CLOCK_MONOTONIC."""

    stamp_ns: int
    frame_id: str
    state: ReportState
    monotonic_ns: int
    stage: str = ''
    stage_index: int = 0
    attempt: int = 0
    duration_ns: int = 0
    detector: str = ''
    error: str = ''
    checkpoint: int = NO_CHECKPOINT
    restored_ns: int = 0


class Outlet(Protocol):
    """Where results and reports go."""

    def may_publish(self) -> bool:
        """Return whether this node still has the epoch that may publish."""

    def publish(self, job: FrameJob, detections: torch.Tensor) -> None:
        """Publish the detections (float32, N x 6) of the frame."""

    def report(self, report: StageReport) -> None:
        """Tell what happened to a stage."""

    def warn(self, text: str) -> None:
        """Tell the operator of a trouble that costs no frame."""
