# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""From ROS messages to what the dashboard hears."""

from __future__ import annotations

import math

from diagnostic_msgs.msg import DiagnosticStatus
from restage_msgs.msg import FaultEvent, Heartbeat, RecoveryEvent, StageStatus
from vision_msgs.msg import Detection2DArray

from restage.dashboard.sightings import (
    Beat,
    Box,
    Diagnosis,
    FaultNews,
    Recovery,
    Role,
    StageMark,
    Step,
)
from restage.diagnosis.status import Level
from restage.faults.enums import FaultState
from restage.nodes.stamps import to_ns
from restage.recovery.case import Outcome


def beat_of(message: Heartbeat) -> Beat:
    """
    Return a heartbeat.

    :raises ValueError: for a role that is none.
    """
    return Beat(
        node=message.node,
        pid=message.pid,
        role=Role(message.role),
        state=message.state,
        epoch=message.epoch,
        frames_in=message.frames_in,
        frames_out=message.frames_out,
        frames_dropped=message.frames_dropped,
    )


def diagnosis_of(status: DiagnosticStatus, namespace: str) -> Diagnosis | None:
    """
    Return a status of a node in ``namespace`` ('' or 'a/b'); None: it is of another one.

    :raises ValueError: for a level that is none.
    """
    name, _, part = status.name.partition(':')
    place, _, node = name.lstrip('/').rpartition('/')
    if place not in ('', namespace):
        return None
    return Diagnosis(
        node=node,
        part=part.strip(),
        health=Level(status.level[0]),
        message=status.message,
        values={item.key: item.value for item in status.values},
    )


def mark_of(message: StageStatus) -> StageMark:
    """
    Return a step of a frame.

    :raises ValueError: for a state that is none.
    """
    return StageMark(
        key=to_ns(message.header.stamp),
        node=message.node,
        step=Step(message.state),
        at_ns=message.monotonic_ns,
        stage=message.stage,
        index=message.stage_index,
        attempt=message.attempt,
        duration_ns=message.duration_ns,
        detector=message.detector,
        error=message.error,
        restored_ns=message.restored_ns,
    )


def news_of(message: FaultEvent) -> FaultNews:
    """
    Return what became of a fault.

    :raises ValueError: for a state that is none.
    """
    return FaultNews(
        id=message.id,
        kind=message.kind,
        node=message.node,
        step=FaultState(message.state),
        stage=message.stage,
        detail=message.detail,
        at_ns=message.monotonic_ns,
    )


def recovery_of(message: RecoveryEvent) -> Recovery:
    """
    Return a recovery.

    :raises ValueError: for an outcome that is none.
    """
    return Recovery(
        number=message.id,
        fault_id=message.fault_id,
        fault_kind=message.fault_kind,
        node=message.node,
        recovered_by=message.recovered_by,
        stage=message.stage,
        detector=message.detector,
        error=message.error,
        tier=message.tier,
        tiers=tuple(message.tiers),
        outcome=Outcome(message.outcome),
        frames_lost=message.frames_lost,
        injected_ns=message.injected_ns,
        detected_ns=message.detected_ns,
        decided_ns=message.decided_ns,
        restored_ns=message.restored_ns,
        resumed_ns=message.resumed_ns,
        first_good_output_ns=message.first_good_output_ns,
    )


def boxes_of(message: Detection2DArray, names: dict[str, str]) -> list[Box]:
    """
    Return the detections; ``names`` are those of the class ids.

    What is not finite cannot be drawn, nor told in JSON: such a detection is left out.
    """
    boxes = []
    for detection in message.detections:
        box, best = (
            detection.bbox,
            max(
                (result.hypothesis for result in detection.results),
                key=lambda hypothesis: hypothesis.score,
                default=None,
            ),
        )
        x, y = box.center.position.x, box.center.position.y
        score = best.score if best else 0.0
        if not math.isfinite(x + y + box.size_x + box.size_y + score):
            continue
        boxes.append(
            Box(
                x1=x - box.size_x / 2,
                y1=y - box.size_y / 2,
                x2=x + box.size_x / 2,
                y2=y + box.size_y / 2,
                score=score,
                class_id=names.get(best.class_id, best.class_id) if best else '',
            )
        )
    return boxes
