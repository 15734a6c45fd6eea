# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import struct

import pytest

pytest.importorskip('rclpy', reason='ROS 2 (rclpy) is not installed')

from builtin_interfaces.msg import Time
from hypothesis import given
from hypothesis import strategies as st
from rclpy.serialization import deserialize_message, serialize_message
from sensor_msgs.msg import CameraInfo
from std_msgs.msg import Header
from vision_msgs.msg import Detection2D, Detection2DArray

from restage.nodes.stamps import frame_ns, from_ns, of_serialized, to_ns
from restage.nodes.unusable import UnusableMessageError

SECOND = 1_000_000_000
STAMPS = st.integers(-(2**31) * SECOND, 2**31 * SECOND - 1)


@given(STAMPS)
def test_a_stamp_survives_the_way_to_a_message_and_back(stamp_ns: int) -> None:
    assert to_ns(from_ns(stamp_ns)) == stamp_ns


@given(STAMPS)
def test_the_parts_of_a_stamp_are_what_ros_allows(stamp_ns: int) -> None:
    assert 0 <= from_ns(stamp_ns).nanosec < SECOND


def test_a_stamp_is_seconds_and_nanoseconds() -> None:
    assert from_ns(3 * SECOND + 7) == Time(sec=3, nanosec=7)
    assert to_ns(Time(sec=3, nanosec=7)) == 3 * SECOND + 7


@given(STAMPS, st.text(st.characters(min_codepoint=1, max_codepoint=0xD7FF), max_size=20))
def test_the_stamp_of_serialized_camera_info_is_that_of_the_message(
    stamp_ns: int, frame_id: str
) -> None:
    message = CameraInfo(header=Header(stamp=from_ns(stamp_ns), frame_id=frame_id), width=1280)
    raw = serialize_message(message)
    assert of_serialized(raw) == stamp_ns
    assert of_serialized(raw) == to_ns(deserialize_message(raw, CameraInfo).header.stamp)


@given(STAMPS, st.integers(0, 3))
def test_the_stamp_of_serialized_detections_is_that_of_their_header(
    stamp_ns: int, count: int
) -> None:
    other = Detection2D(header=Header(stamp=Time(sec=9, nanosec=9), frame_id='other'))
    message = Detection2DArray(header=Header(stamp=from_ns(stamp_ns)), detections=[other] * count)
    assert of_serialized(serialize_message(message)) == stamp_ns


def test_the_stamp_of_a_big_endian_message_is_read_as_such() -> None:
    raw = bytes([0, 0, 0, 0]) + struct.pack('>iI', 3, 7)
    assert of_serialized(raw) == 3 * SECOND + 7


@pytest.mark.parametrize('raw', [b'', b'\0\1', b'\0\1\0\0' + bytes(7)])
def test_a_message_too_short_for_a_header_is_refused(raw: bytes) -> None:
    with pytest.raises(UnusableMessageError, match=f'its {len(raw)} bytes are too few'):
        of_serialized(raw)


def test_no_frame_has_a_stamp_before_1970_or_with_more_than_a_second_of_nanoseconds() -> None:
    assert frame_ns(Time(sec=2**31 - 1, nanosec=SECOND - 1)) == 2**31 * SECOND - 1
    with pytest.raises(UnusableMessageError, match='the stamp is of -1 s; accepted: 0 and later'):
        frame_ns(Time(sec=-1))
    late = Time(sec=1, nanosec=SECOND)
    with pytest.raises(UnusableMessageError, match='accepted: less than 1000000000 ns'):
        frame_ns(late)
    with pytest.raises(UnusableMessageError, match='accepted: less than 1000000000 ns'):
        of_serialized(serialize_message(CameraInfo(header=Header(stamp=late))))
