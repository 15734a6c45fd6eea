# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Where a detection node takes fault commands in, if it was started to allow them."""

from __future__ import annotations

import time
from collections.abc import Callable

from rclpy.node import Node
from restage_msgs.msg import FaultCommand, FaultEvent

from restage.checkpoint.keeper import Keeper
from restage.checkpoint.progress import FaultNote
from restage.faults.enums import FaultState
from restage.faults.errors import FaultError
from restage.faults.injector import FaultInjector
from restage.faults.messages import command_to_fault, record_to_event
from restage.faults.record import FaultRecord
from restage.faults.taxonomy import KINDS
from restage.nodes.later import Later
from restage.nodes.qos import EVENTS
from restage.stages.hook import NoHook, StageHook
from restage.stages.model import StagedModel

# Kinds after which nothing more may be told, or only late.
URGENT = {kind.name for kind in KINDS if kind.deadly} | {'timing.delay', 'timing.stop'}


class FaultPort:
    """
    The gate in front of the fault injector of one node.

    ``role`` returns ``primary``, ``standby`` or an empty string; a command is for this node if
    its target is that role or the node's name.
    """

    def __init__(self, node: Node, role: Callable[[], str], later: Later) -> None:
        """Listen for fault commands to ``node``; tell of those that fired ``later``."""
        self.allowed: bool = node.get_parameter('allow_fault_injection').value
        self.keeper: Keeper | None = None
        self._node = node
        self._role = role
        self._later = later
        self._injector: FaultInjector | None = None
        self._events = node.create_publisher(FaultEvent, 'fault_events', EVENTS)
        node.create_subscription(FaultCommand, 'fault_commands', self._on_command, EVENTS)

    def hook(self, model: StagedModel) -> StageHook:
        """Return the hook for the runner of ``model``; one that does nothing unless allowed."""
        if not self.allowed:
            return NoHook()
        self._injector = FaultInjector(model, self._on_record)
        return self._injector

    def _on_command(self, command: FaultCommand) -> None:
        if command.target.lstrip('/') not in (
            self._role(),
            self._node.get_name(),
            self._node.get_fully_qualified_name().lstrip('/'),
        ):
            return
        if not self.allowed:
            self._reject(
                command,
                'this node does not accept faults: it was started without '
                'allow_fault_injection:=true',
            )
        elif self._injector is None:
            self._reject(command, 'the node is not configured')
        else:
            try:
                self._injector.arm(command_to_fault(command))
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
        self._on_record(record)

    def _on_record(self, record: FaultRecord) -> None:
        """Note it in the store first: the process may be about to die of it."""
        if record.state is FaultState.FIRED and self.keeper is not None:
            self.keeper.note_fault(FaultNote(record.id, record.kind, record.monotonic_ns))
        event = record_to_event(record, self._node.get_name())
        done = record.state in (FaultState.FIRED, FaultState.CLEARED)
        if done and record.kind not in URGENT:
            self._later.add(lambda: self._events.publish(event))
        else:
            self._events.publish(event)
