# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import struct

import pytest

pytest.importorskip('rclpy', reason='ROS 2 (rclpy) is not installed')

import torch
from hypothesis import given
from hypothesis import strategies as st
from lifecycle_msgs.msg import State
from rclpy.serialization import deserialize_message, serialize_message
from restage_msgs.msg import RecoveryEvent, StageStatus
from restage_msgs.srv import CommandRecovery
from std_msgs.msg import Header
from vision_msgs.msg import Detection2DArray

from restage.nodes.messages import detections_message, header_of, label_info, stage_status
from restage.nodes.orders import IN_PLACE
from restage.nodes.recovery_messages import recovery_event
from restage.recovery.case import Outcome, RecoveryCase
from restage.recovery.roster import Lifecycle
from restage.stages.commands import Tier
from restage.stages.reports import ReportState, StageReport

STAMP_NS = 1_700_000_000_123_456_789

# Pixels on a grid of 1/4096, far finer than any image: sums and halves are exact in float64.
PIXELS = st.integers(-(2**22), 2**22).map(lambda n: n / 1024)
SCORES = st.floats(0, 1, width=32)
ROWS = st.tuples(PIXELS, PIXELS, PIXELS, PIXELS, SCORES, st.integers(0, 1000).map(float))


def to_rows(message: Detection2DArray) -> list[list[float]]:
    rows = []
    for detection in message.detections:
        box, (result,) = detection.bbox, detection.results
        x, y = box.center.position.x, box.center.position.y
        half_x, half_y = box.size_x / 2, box.size_y / 2
        hypothesis = result.hypothesis
        corners = [x - half_x, y - half_y, x + half_x, y + half_y]
        rows.append([*corners, hypothesis.score, float(hypothesis.class_id)])
    return rows


@given(st.lists(ROWS, max_size=5))
def test_detections_survive_the_message_and_its_serialization_exactly(
    rows: list[tuple[float, ...]],
) -> None:
    detections = torch.tensor(rows, dtype=torch.float32).reshape(-1, 6)
    message = detections_message(Header(), detections)
    assert to_rows(message) == detections.tolist()
    assert deserialize_message(serialize_message(message), Detection2DArray) == message


def test_a_score_is_the_float32_of_the_tensor_bit_for_bit() -> None:
    score = torch.tensor(0.1, dtype=torch.float32)
    message = detections_message(Header(), torch.tensor([[0, 0, 2, 2, 0.1, 1]]))
    (detection,) = message.detections
    carried = struct.pack('<f', detection.results[0].hypothesis.score)
    assert carried == struct.pack('<f', score.item())
    assert detection.results[0].hypothesis.class_id == '1'


def test_a_box_is_written_as_centre_and_size() -> None:
    message = detections_message(Header(), torch.tensor([[10, 20, 14, 32, 0.5, 3]]))
    box = message.detections[0].bbox
    assert (box.center.position.x, box.center.position.y) == (12, 26)
    assert (box.size_x, box.size_y, box.center.theta) == (4, 12, 0)


def test_no_detections_are_an_empty_message_with_its_header() -> None:
    header = header_of(STAMP_NS, 'front')
    message = detections_message(header, torch.zeros(0, 6))
    assert (message.header, list(message.detections)) == (header, [])


def test_every_detection_has_the_header_of_the_image() -> None:
    header = header_of(STAMP_NS, 'front')
    message = detections_message(header, torch.ones(3, 6))
    assert (header.stamp.sec, header.stamp.nanosec) == (1_700_000_000, 123_456_789)
    assert [detection.header for detection in message.detections] == [header] * 3


def test_labels_are_numbered_as_the_class_ids_are() -> None:
    message = label_info(('car', 'truck'))
    assert [(one.class_id, one.class_name) for one in message.class_map] == [
        (0, 'car'),
        (1, 'truck'),
    ]


def test_every_field_of_a_report_reaches_the_message() -> None:
    report = StageReport(
        stamp_ns=STAMP_NS,
        frame_id='front',
        state=ReportState.RESUMED,
        monotonic_ns=11,
        stage='neck',
        stage_index=2,
        attempt=1,
        duration_ns=12,
        detector='finite',
        error='NaN',
        checkpoint=-2,
        restored_ns=13,
    )
    assert stage_status(report, 'detection_a', 4) == StageStatus(
        header=header_of(STAMP_NS, 'front'),
        node='detection_a',
        epoch=4,
        stage='neck',
        stage_index=2,
        state=StageStatus.RESUMED,
        attempt=1,
        duration_ns=12,
        detector='finite',
        error='NaN',
        checkpoint=-2,
        restored_ns=13,
        monotonic_ns=11,
    )


def test_every_field_of_a_recovery_reaches_the_message() -> None:
    case = RecoveryCase(
        number=3,
        stamp_ns=STAMP_NS,
        node='detection_a',
        stage='neck',
        detector='finite',
        error='NaN',
        detected_ns=12,
        recovered_by='detection_b',
        resumed_from=-1,
        fault_id='f1',
        fault_kind='nn.neuron.nan',
        injected_ns=11,
        decided_ns=13,
        restored_ns=14,
        resumed_ns=15,
        first_good_output_ns=16,
        outcome=Outcome.FRAME_DROPPED,
        frames_lost=2,
        detail='why',
    )
    for tier in ('retry_stage', 'reload_weights', 'failover'):
        case.escalate(tier)
    assert recovery_event(case) == RecoveryEvent(
        id=3,
        fault_id='f1',
        fault_kind='nn.neuron.nan',
        frame=header_of(STAMP_NS, '').stamp,
        node='detection_a',
        recovered_by='detection_b',
        stage='neck',
        resumed_from=-1,
        detector='finite',
        error='NaN',
        tier='failover',
        tiers=['retry_stage', 'reload_weights', 'failover'],
        attempts=3,
        injected_ns=11,
        detected_ns=12,
        decided_ns=13,
        restored_ns=14,
        resumed_ns=15,
        first_good_output_ns=16,
        outcome=RecoveryEvent.FRAME_DROPPED,
        frames_lost=2,
        detail='why',
    )


@pytest.mark.parametrize('tier', Tier)
def test_what_a_node_can_be_ordered_is_the_constant_of_the_message(tier: Tier) -> None:
    assert IN_PLACE[getattr(CommandRecovery.Request, tier.name)] is tier


@pytest.mark.parametrize('state', ReportState)
def test_a_report_state_is_the_constant_of_the_message(state: ReportState) -> None:
    assert getattr(StageStatus, state.name) == state


@pytest.mark.parametrize('outcome', Outcome)
def test_an_outcome_is_the_constant_of_the_message(outcome: Outcome) -> None:
    assert getattr(RecoveryEvent, outcome.name) == outcome


@pytest.mark.parametrize('state', [Lifecycle.UNCONFIGURED, Lifecycle.INACTIVE, Lifecycle.ACTIVE])
def test_a_lifecycle_state_is_the_constant_of_ros(state: Lifecycle) -> None:
    assert getattr(State, f'PRIMARY_STATE_{state.name}') == state
