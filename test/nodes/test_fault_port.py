# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""When what became of a fault is told."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip('rclpy', reason='ROS 2 (rclpy) is not installed')

from restage.faults.enums import FaultState
from restage.faults.record import FaultRecord
from restage.nodes.fault_port import FaultPort
from restage.nodes.later import Later


@pytest.mark.parametrize(
    ('role', 'state', 'waits'),
    [
        ('primary', FaultState.FIRED, True),
        ('primary', FaultState.CLEARED, True),
        ('primary', FaultState.ARMED, False),
        # No frame goes through a standby, after which it would be told.
        ('standby', FaultState.CLEARED, False),
        ('', FaultState.CLEARED, False),
    ],
)
def test_only_what_a_primary_has_to_tell_waits_for_the_frame(role, state, waits) -> None:
    published: list[Any] = []
    node: Any = SimpleNamespace(
        get_parameter=lambda _: SimpleNamespace(value=True),
        create_publisher=lambda *_: SimpleNamespace(publish=published.append),
        create_subscription=lambda *_: None,
        get_name=lambda: 'detection_a',
        executor=SimpleNamespace(create_task=lambda call: call()),
    )
    later = Later(node)
    port = FaultPort(node, lambda: role, later)
    port.tell(
        FaultRecord(
            id='one', kind='nn.neuron.nan', state=state, stage='neck', detail='', monotonic_ns=1
        )
    )
    assert bool(published) is not waits
    later.frame_is_through()
    assert [event.id for event in published] == ['one']
