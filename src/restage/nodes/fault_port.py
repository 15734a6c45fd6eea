# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Where a node takes fault commands in, if it was started to allow them."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

from rclpy.node import Node
from restage_msgs.msg import FaultCommand, FaultEvent

from restage.checkpoint.progress import FaultNote
from restage.faults.command import Fault
from restage.faults.enums import FaultState
from restage.faults.errors import FaultError
from restage.faults.gate import Gate
from restage.faults.messages import command_to_fault, record_to_event
from restage.faults.record import FaultRecord
from restage.faults.taxonomy import KINDS
from restage.nodes.later import Later
from restage.nodes.qos import EVENTS
from restage.nodes.stamps import to_ns

# Kinds after which nothing more may be told, or only late.
URGENT = {kind.name for kind in KINDS if kind.deadly or kind.urgent}


class Injector(Protocol):
    """What is armed here: ``FaultInjector`` in a detector, ``StreamInjector`` in a proxy."""

    def arm(self, fault: Fault) -> None:
        """Arm a fault, or raise FaultError."""

    def clear(self, fault_id: str) -> bool:
        """Clear one fault, or all if no id is given; return whether there was one."""


class FaultPort:
    """
    The gate in front of the fault injector of one node.

    ``role`` returns ``primary``, ``standby`` or an empty string; a command is for this node if
    its target is that role or the node's name. ``injector``: who gets what is let in, None: nobody
    yet. ``note``: told of what fired before anybody else is.
    """

    def __init__(
        self, node: Node, role: Callable[[], str] = lambda: '', later: Later | None = None
    ) -> None:
        """Listen for fault commands to ``node``; tell ``later``, if given, of those that fired."""
        self._gate = Gate(
            allowed=node.get_parameter('allow_fault_injection').value,
            now_ns=lambda: int(node.get_clock().now().nanoseconds),
        )
        self.injector: Injector | None = None
        self.note: Callable[[FaultNote], None] = lambda _note: None
        self._node = node
        self._role = role
        self._later = later
        self._events = node.create_publisher(FaultEvent, 'fault_events', EVENTS)
        node.create_subscription(FaultCommand, 'fault_commands', self._on_command, EVENTS)

    @property
    def allowed(self) -> bool:
        """Whether faults are let in at all."""
        return self._gate.allowed

    def _on_command(self, command: FaultCommand) -> None:
        if command.target.lstrip('/') not in (
            self._role(),
            self._node.get_name(),
            self._node.get_fully_qualified_name().lstrip('/'),
        ):
            return
        try:
            self._gate.admit(to_ns(command.stamp))
            if self.injector is None:
                raise FaultError('the node is not configured')
            if command.action == FaultCommand.INJECT:
                self.injector.arm(command_to_fault(command))
            elif command.action != FaultCommand.CLEAR:
                raise FaultError(f"'action' is {command.action}; accepted: INJECT (0), CLEAR (1)")
            elif not self.injector.clear(command.id):
                raise FaultError('no such fault is armed' if command.id else 'no fault is armed')
        except FaultError as error:
            self._reject(command, str(error))

    def _reject(self, command: FaultCommand, why: str) -> None:
        self._node.get_logger().warning(f"fault '{command.id}' ({command.kind}) rejected: {why}")
        record = FaultRecord(
            id=command.id,
            kind=command.kind,
            state=FaultState.REJECTED,
            stage=command.stage,
            detail=why,
            monotonic_ns=time.monotonic_ns(),
        )
        self.tell(record)

    def tell(self, record: FaultRecord) -> None:
        """Tell of a change of state; note it first: the process may be about to die of it."""
        if record.state is FaultState.FIRED:
            self.note(FaultNote(record.id, record.kind, record.monotonic_ns))
        event = record_to_event(record, self._node.get_name())
        done = record.state in (FaultState.FIRED, FaultState.CLEARED)
        # Only a primary has frames that would be delayed, and after which it is told.
        later = self._later if self._role() == 'primary' else None
        if done and record.kind not in URGENT and later is not None:
            later.add(lambda: self._events.publish(event))
        else:
            self._events.publish(event)
