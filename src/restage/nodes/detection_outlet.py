# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Publishes what the frame engine produces, from the inference thread."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import torch
from rclpy.publisher import Publisher
from restage_msgs.msg import StageStatus

from restage.checkpoint.control import Control
from restage.nodes.later import Later
from restage.nodes.messages import detections_message, header_of, stage_status
from restage.stages.frame import FrameJob
from restage.stages.reports import ReportState, StageReport


class DetectionOutlet:
    """
    The engine's outlet over ROS publishers.

    ``epoch`` is this node's; with a ``control`` file, it must be the one that may publish.
    """

    def __init__(
        self,
        node_name: str,
        detections: Sequence[Publisher],
        status: Publisher,
        control: Control | None,
        on_error: Callable[[StageReport], None],
        later: Later,
        warn: Callable[[str], None],
    ) -> None:
        """
        Publish for ``node_name``, each camera's detections with its own publisher.

        ``on_error`` hears of errors and drops, once the frame is through; ``warn`` of less.
        """
        self.warn = warn
        self.newest_out_ns = 0
        self.epoch = 0
        self.frames_out = 0
        self.dropped: Counter[str] = Counter()
        self._name = node_name
        self._detections = detections
        self._status = status
        self._control = control
        self._on_error = on_error
        self._later = later

    def may_publish(self) -> bool:
        """Return whether no other node has been promoted since this one was."""
        return self._control is None or self._control.epoch == self.epoch

    def publish(self, job: FrameJob, detections: torch.Tensor) -> None:
        """Publish the detections (float32, N x 6) of the frame, under its image's header."""
        header = header_of(job.header_ns or job.stamp_ns, job.frame_id)
        self._detections[job.camera].publish(detections_message(header, detections))
        self.frames_out += 1
        self.newest_out_ns = job.stamp_ns
        self._later.frame_is_through()

    def report(self, report: StageReport) -> None:
        """Publish ``report``."""
        message: StageStatus = stage_status(report, self._name, self.epoch)
        self._status.publish(message)
        if report.state is ReportState.DROPPED:
            self.dropped[report.detector] += 1
        if report.state in (ReportState.DROPPED, ReportState.ERROR):
            self._later.add(lambda: self._on_error(report))
        if report.state is ReportState.DROPPED:
            self._later.frame_is_through()
