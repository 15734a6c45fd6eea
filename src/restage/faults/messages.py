# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Faults and their records as ROS messages, and back."""

from __future__ import annotations

from typing import Any

from builtin_interfaces.msg import Time
from rcl_interfaces.msg import Parameter, ParameterType, ParameterValue
from restage_msgs.msg import FaultCommand, FaultEvent

from restage.faults.command import Fault
from restage.faults.enums import FaultState, Persistence, When
from restage.faults.errors import FaultError, not_accepted
from restage.faults.parameters import Value
from restage.faults.record import FaultRecord
from restage.faults.taxonomy import find_kind

NS = 1_000_000_000


def fault_to_command(fault: Fault) -> FaultCommand:
    """Return the command for ``fault``; its stamp is left for the sender to set."""
    return FaultCommand(
        id=fault.id,
        kind=fault.kind,
        target=fault.target,
        stage=fault.stage,
        when=int(fault.when),
        persistence=int(fault.persistence),
        after_frames=fault.after_frames,
        probability=fault.probability,
        seed=fault.seed,
        duration_s=fault.duration_s,
        frame=_to_time(fault.frame_ns),
        firing=fault.firing,
        parameters=[_to_parameter(name, value) for name, value in fault.parameters.items()],
    )


def command_to_fault(message: FaultCommand) -> Fault:
    """
    Return the fault that a command describes.

    :raises FaultError: when any of its fields is not acceptable.
    """
    find_kind(message.kind)
    return Fault(
        id=message.id,
        kind=message.kind,
        target=message.target,
        stage=message.stage,
        when=_member(When, message.when),
        persistence=_member(Persistence, message.persistence),
        after_frames=message.after_frames,
        probability=message.probability,
        seed=message.seed,
        duration_s=message.duration_s,
        frame_ns=_to_ns(message.frame),
        firing=message.firing,
        parameters={
            parameter.name: _from_value(parameter.name, parameter.value)
            for parameter in message.parameters
        },
    )


def record_to_event(record: FaultRecord, node: str) -> FaultEvent:
    """Return the event for ``record``, spoken by the node called ``node``."""
    return FaultEvent(
        id=record.id,
        kind=record.kind,
        node=node,
        state=int(record.state),
        detail=record.detail,
        frame=_to_time(record.stamp_ns),
        stage=record.stage,
        monotonic_ns=record.monotonic_ns,
    )


def event_to_record(message: FaultEvent) -> FaultRecord:
    """
    Return the record in an event, without the node that spoke.

    :raises FaultError: when its state is none.
    """
    return FaultRecord(
        id=message.id,
        kind=message.kind,
        state=_member(FaultState, message.state),
        stage=message.stage,
        stamp_ns=_to_ns(message.frame),
        detail=message.detail,
        monotonic_ns=message.monotonic_ns,
    )


def rejection(command: FaultCommand, reason: str, monotonic_ns: int) -> FaultRecord:
    """Return the record of a command that was refused on arrival, valid or not."""
    return FaultRecord(
        id=command.id,
        kind=command.kind,
        state=FaultState.REJECTED,
        stage=command.stage,
        detail=reason,
        monotonic_ns=monotonic_ns,
    )


def _to_time(stamp_ns: int) -> Time:
    return Time(sec=stamp_ns // NS, nanosec=stamp_ns % NS)


def _to_ns(stamp: Time) -> int:
    return int(stamp.sec * NS + stamp.nanosec)


def _member(enum: Any, number: int) -> Any:
    try:
        return enum(number)
    except ValueError:
        accepted = (f'{member.value} ({member.name})' for member in enum)
        raise FaultError(not_accepted(f"'{enum.__name__.lower()}'", number, accepted)) from None


def _to_parameter(name: str, value: Value) -> Parameter:
    typed = ParameterValue()
    if isinstance(value, bool):
        typed.type, typed.bool_value = ParameterType.PARAMETER_BOOL, value
    elif isinstance(value, int):
        typed.type, typed.integer_value = ParameterType.PARAMETER_INTEGER, value
    elif isinstance(value, float):
        typed.type, typed.double_value = ParameterType.PARAMETER_DOUBLE, value
    else:
        typed.type, typed.string_value = ParameterType.PARAMETER_STRING, value
    return Parameter(name=name, value=typed)


def _from_value(name: str, value: ParameterValue) -> Value:
    fields = {
        ParameterType.PARAMETER_BOOL: 'bool_value',
        ParameterType.PARAMETER_INTEGER: 'integer_value',
        ParameterType.PARAMETER_DOUBLE: 'double_value',
        ParameterType.PARAMETER_STRING: 'string_value',
    }
    if value.type not in fields:
        raise FaultError(
            f"parameter '{name}' has the ParameterType {value.type}; accepted: "
            'bool (1), integer (2), double (3), string (4)'
        )
    typed: Value = getattr(value, fields[value.type])
    return typed
