# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Between the package's own types and ROS messages."""

from __future__ import annotations

import torch
from restage_msgs.msg import StageStatus
from std_msgs.msg import Header
from vision_msgs.msg import (
    BoundingBox2D,
    Detection2D,
    Detection2DArray,
    LabelInfo,
    ObjectHypothesis,
    ObjectHypothesisWithPose,
    Point2D,
    Pose2D,
    VisionClass,
)

from restage.nodes.stamps import from_ns
from restage.stages.reports import StageReport


def header_of(stamp_ns: int, frame_id: str) -> Header:
    """Return the header of the image of that stamp."""
    return Header(stamp=from_ns(stamp_ns), frame_id=frame_id)


def detections_message(header: Header, detections: torch.Tensor) -> Detection2DArray:
    """
    Return ``detections`` (float32, N x 6: x1, y1, x2, y2, score, class id) as a message.

    The numbers are carried over exactly: float32 fits into float64, and centre and size are
    computed in float64.
    """
    message = Detection2DArray(header=header)
    for x1, y1, x2, y2, score, class_id in detections.tolist():
        centre = Pose2D(position=Point2D(x=(x1 + x2) / 2, y=(y1 + y2) / 2))
        hypothesis = ObjectHypothesis(class_id=str(int(class_id)), score=score)
        message.detections.append(
            Detection2D(
                header=header,
                bbox=BoundingBox2D(center=centre, size_x=x2 - x1, size_y=y2 - y1),
                results=[ObjectHypothesisWithPose(hypothesis=hypothesis)],
            )
        )
    return message


def label_info(class_names: tuple[str, ...]) -> LabelInfo:
    """Return the names of the class ids."""
    return LabelInfo(
        class_map=[
            VisionClass(class_id=number, class_name=name) for number, name in enumerate(class_names)
        ]
    )


def stage_status(report: StageReport, node: str, epoch: int) -> StageStatus:
    """Return ``report`` of ``node`` as a message."""
    return StageStatus(
        header=header_of(report.stamp_ns, report.frame_id),
        node=node,
        epoch=epoch,
        stage=report.stage,
        stage_index=report.stage_index,
        state=int(report.state),
        attempt=report.attempt,
        duration_ns=report.duration_ns,
        detector=report.detector,
        error=report.error,
        checkpoint=report.checkpoint,
        restored_ns=report.restored_ns,
        monotonic_ns=report.monotonic_ns,
    )
