# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A detection node's inside without its ROS: options, and an outlet that keeps what it gets."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from restage.cameras import Cameras
from restage.stages.frame import FrameJob
from restage.stages.reports import StageReport

DEADLINE_S = 60.0


@pytest.fixture
def make_options() -> Callable[..., Any]:
    """Make the options of a detection node, some of them as given."""
    pytest.importorskip('rclpy', reason='ROS 2 (rclpy) is not installed')
    from restage.nodes.detection_options import DetectionOptions

    def make(**changes: Any) -> DetectionOptions:
        options = {
            'model': 'tiny',
            'cameras': Cameras(),
            'device': 'cpu',
            'boundaries': ('image', 'backbone.0'),
            'plan': '',
            'order_deadline_s': 0.02,
            'image_deadline_s': 0.03,
            'queue_depth': 4,
            'threads': 1,
            'report_every': 0,
            'reliability': 'reliable',
            'stage_deadline_ms': 60_000.0,
            'stage_deadline_floor_ms': 60_000.0,
            'stage_deadline_factor': 8.0,
            'weight_check_ms': 1000.0,
            'shadow_cpu_percent': 0.0,
            'calibration': 'off',
            'range_margin': 0.5,
            'range_action': 'retry',
            'plausibility': False,
            **changes,
        }
        return DetectionOptions(**options)

    return make


class Kept:
    """An outlet that keeps all it gets."""

    def __init__(self) -> None:
        self.published: list[tuple[int, str, torch.Tensor]] = []
        self.reports: list[StageReport] = []
        self.warnings: list[str] = []
        self._changed = threading.Condition()

    def may_publish(self) -> bool:
        return True

    def publish(self, job: FrameJob, detections: torch.Tensor) -> None:
        with self._changed:
            self.published.append((job.stamp_ns, job.frame_id, detections.clone()))
            self._changed.notify_all()

    def report(self, report: StageReport) -> None:
        with self._changed:
            self.reports.append(report)
            self._changed.notify_all()

    def warn(self, text: str) -> None:
        self.warnings.append(text)

    def until(self, condition: Callable[[], object]) -> None:
        with self._changed:
            assert self._changed.wait_for(condition, DEADLINE_S), (self.published, self.reports)


@pytest.fixture
def outlet() -> Kept:
    return Kept()


@pytest.fixture
def make_job() -> Callable[..., FrameJob]:
    """Make a frame with the same picture each time."""

    def make(stamp_ns: int = 1_000, frame_id: str = 'front') -> FrameJob:
        image = np.random.default_rng(7).integers(0, 255, (12, 16, 3), np.uint8)
        return FrameJob(stamp_ns=stamp_ns, frame_id=frame_id, image=image)

    return make


@pytest.fixture
def until() -> Callable[[Callable[[], object], str], None]:
    """Wait for what nobody announces."""

    def wait(condition: Callable[[], object], what: str) -> None:
        end = time.monotonic() + DEADLINE_S
        while not condition():
            assert time.monotonic() < end, f'not within {DEADLINE_S} s: {what}'
            time.sleep(0.001)

    return wait
