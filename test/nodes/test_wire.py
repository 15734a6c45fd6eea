# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

pytest.importorskip('rclpy', reason='ROS 2 (rclpy) is not installed')

from rclpy.serialization import serialize_message
from restage_msgs.msg import Heartbeat

from restage.nodes.unusable import UnusableMessageError
from restage.nodes.wire import deserialized


def test_a_message_survives_the_way() -> None:
    message = Heartbeat(node='a', pid=7)
    assert deserialized(serialize_message(message), Heartbeat) == message


@pytest.mark.parametrize('raw', [b'', b'\0\1\0', b'\0\1\0\1', b'\0\1\0\3xx', b'\0\7\0\x0a'])
def test_more_padding_than_there_is_never_gets_to_fast_cdr(raw: bytes) -> None:
    with pytest.raises(UnusableMessageError, match=f'its {len(raw)} bytes are fewer than they say'):
        deserialized(raw, Heartbeat)


@pytest.mark.parametrize('raw', [b'\0\1\0\0', b'\0\1\0\3xxx', b'\xff' * 30])
def test_what_the_middleware_refuses_is_said(raw: bytes) -> None:
    with pytest.raises(UnusableMessageError, match='deserializ'):
        deserialized(raw, Heartbeat)
