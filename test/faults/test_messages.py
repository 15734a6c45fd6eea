# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Faults and records as ROS messages: there and back, through the wire format."""

from __future__ import annotations

import pytest

pytest.importorskip('restage_msgs', reason='restage_msgs is not built')

from hypothesis import given, settings
from hypothesis import strategies as st
from rcl_interfaces.msg import Parameter, ParameterType, ParameterValue
from rclpy.serialization import deserialize_message, serialize_message
from restage_msgs.msg import FaultCommand, FaultEvent

from restage.faults.command import Fault
from restage.faults.enums import FaultState, Persistence, When
from restage.faults.errors import FaultError
from restage.faults.messages import (
    command_to_fault,
    event_to_record,
    fault_to_command,
    record_to_event,
    rejection,
)
from restage.faults.record import FaultRecord
from restage.faults.taxonomy import KINDS


def over_the_wire(message):
    return deserialize_message(serialize_message(message), type(message))


@st.composite
def faults(draw):
    kind = draw(st.sampled_from(KINDS))
    delay = {'delay_ms': draw(st.floats(0, 1000))} if kind.name == 'timing.delay' else {}
    return Fault(
        id=draw(st.text('abc-/.#1', min_size=1, max_size=128)),
        kind=kind.name,
        when=draw(st.sampled_from(kind.moments)),
        target=draw(st.sampled_from(['primary', 'standby', '/ns/node'])),
        stage=draw(st.sampled_from(['', 'backbone.2'])),
        persistence=draw(st.sampled_from(Persistence)),
        after_frames=draw(st.integers(0, 2**32 - 1)),
        probability=draw(st.floats(0, 1, exclude_min=True)),
        seed=draw(st.integers(0, 2**64 - 1)),
        parameters=delay,
    )


@settings(deadline=None)
@given(faults())
def test_fault_round_trip(fault):
    assert command_to_fault(over_the_wire(fault_to_command(fault))) == fault


@settings(deadline=None)
@given(
    st.builds(
        FaultRecord,
        id=st.just('f'),
        kind=st.just('proc.kill'),
        state=st.sampled_from(FaultState),
        stage=st.just('neck'),
        stamp_ns=st.integers(0, 2**31 * 10**9 - 1),
        detail=st.text('µ→ab[1]', max_size=20),
        monotonic_ns=st.integers(0, 2**63 - 1),
    )
)
def test_record_round_trip(record):
    event = over_the_wire(record_to_event(record, 'detection_a'))
    assert event.node == 'detection_a'
    assert event_to_record(event) == record


def test_numbers_are_those_of_the_messages():
    assert [(s.name, int(s)) for s in FaultState] == [
        (name, getattr(FaultEvent, name)) for name in ('ARMED', 'FIRED', 'CLEARED', 'REJECTED')
    ]
    for enum in (When, Persistence):
        assert all(getattr(FaultCommand, item.name) == item for item in enum)


def command(**fields) -> FaultCommand:
    fault = Fault(id='f', kind='nn.neuron.nan', when=When.AFTER)
    message = fault_to_command(fault)
    for name, value in fields.items():
        setattr(message, name, value)
    return message


def array_parameter() -> Parameter:
    value = ParameterValue(type=ParameterType.PARAMETER_STRING_ARRAY)
    return Parameter(name='count', value=value)


@pytest.mark.parametrize(
    ('fields', 'message'),
    [
        ({'kind': 'nn'}, "unknown fault kind 'nn'"),
        ({'when': 7}, "unknown 'when' '7'; accepted: 0 \\(BEFORE\\), 1"),
        ({'persistence': 9}, "unknown 'persistence' '9'"),
        ({'probability': 0.0}, "'probability' is 0.0"),
        ({'parameters': [array_parameter()]}, "parameter 'count' has the ParameterType 9"),
    ],
)
def test_refused_commands(fields, message):
    with pytest.raises(FaultError, match=message):
        command_to_fault(command(**fields))


def test_a_default_command_is_refused_not_crashed_on():
    with pytest.raises(FaultError, match="unknown fault kind ''"):
        command_to_fault(FaultCommand())


def test_rejection_of_what_is_not_even_a_fault():
    record = rejection(command(kind='nn', stage='neck'), 'why', 5)
    assert record == FaultRecord(
        id='f', kind='nn', state=FaultState.REJECTED, stage='neck', detail='why', monotonic_ns=5
    )
