# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The recovery node, hearing what no system says; no DDS, but what it would send is made."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from rclpy.serialization import serialize_message
from restage_msgs.msg import Heartbeat, StageStatus
from restage_msgs.srv import CommandRecovery, GetReport
from std_msgs.msg import Header

from restage.cameras import Cameras
from restage.checkpoint.host import HOST
from restage.checkpoint.progress import FaultNote, FrameState, Progress
from restage.nodes.recovery_messages import recovery_event
from restage.nodes.recovery_node import RecoveryNode
from restage.nodes.recovery_port import RecoveryPort
from restage.nodes.unusable import UnusableMessageError
from restage.recovery.case import RecoveryCase
from restage.recovery.coordinator import Coordinator, CoordinatorOptions
from restage.recovery.ports import NodeMarks, NodeOrder

from .target import Bytes, Target, none

NODES = ['a', 'b']
MOST_STEPS = 40


class _Client:
    """Takes an order as far as DDS would."""

    def call(self, request: CommandRecovery.Request, _done: object) -> None:
        serialize_message(request)


class _Port:
    """What the recovery node does, done to nobody."""

    def __init__(self, source: Bytes) -> None:
        self._source = source
        self._recover = {name: _Client() for name in NODES}
        self._answered = None

    def order(self, node: str, order: NodeOrder) -> None:
        RecoveryPort.order(self, node, order)  # type: ignore[arg-type]

    def finished(self, case: RecoveryCase) -> None:
        serialize_message(recovery_event(case))

    def fence(self, epoch: int) -> None:
        assert 0 <= epoch < 2**64

    def watch(self, _node: str, pid: int) -> bool:
        assert 0 < pid < 2**31  # of others the kernel's calls raise more than OSError
        return bool(self._source.integer('B') % 4)

    def alive(self, _pid: int) -> bool:
        return bool(self._source.integer('B') % 2)

    def marks(self, _node: str) -> NodeMarks | None:
        source = self._source
        if source.integer('B') % 2:
            return None
        words = [source.integer('Q') & 2**63 - 1 for _ in range(6)]
        state = FrameState(source.integer('B') % 3)  # of PUBLISHING it waits for more
        return NodeMarks(
            progress=Progress(state, words[0], words[1], words[2], words[3], words[4], words[5]),
            fault=FaultNote('f', 'k', words[3]) if source.integer('B') % 2 else None,
            stages=('one', 'two'),
            boundaries=(1, -1),
        )

    def __getattr__(self, _name: str) -> Any:
        return lambda *_: None


def _recovery(data: bytes, _folder: Path) -> object:
    source = Bytes(data)
    port = _Port(source)
    node = object.__new__(RecoveryNode)
    node._cameras = Cameras(('left', 'right'))
    node._coordinator = Coordinator(NODES, port, CoordinatorOptions(cameras=node._cameras))
    node._diagnostics = SimpleNamespace(update=lambda: None)  # type: ignore[assignment]
    refused = 0
    for _ in range(MOST_STEPS):
        if source.ended:
            break
        try:
            _step(node, source)
        except UnusableMessageError as error:
            assert str(error)
            refused += 1
    report = node._on_get_report(GetReport.Request(), GetReport.Response())
    serialize_message(report)
    return refused


def _header(source: Bytes) -> Header:
    header = Header()
    header.stamp.sec, header.stamp.nanosec = source.integer('i'), source.integer('I')
    return header


def _step(node: RecoveryNode, source: Bytes) -> None:
    coordinator = node._coordinator
    assert coordinator is not None
    what = source.integer('B') % 6
    if what == 0:
        node._on_heartbeat(
            Heartbeat(
                node=source.one_of(NODES),
                pid=source.integer('I'),
                state=source.integer('B') % 5,
                epoch=source.integer('Q'),
                host=source.one_of([HOST]),
            )
        )
    elif what == 1:
        node._on_status(
            StageStatus(
                header=_header(source),
                node=source.one_of(NODES),
                state=source.integer('B') % 7,
                stage=source.text(),
                attempt=source.integer('I'),
                detector=source.text(),
                checkpoint=source.integer('i'),
                restored_ns=source.integer('q'),
                monotonic_ns=source.integer('q'),
            )
        )
    elif what == 2:
        coordinator.on_published(source.integer('q'))
    elif what == 3:
        coordinator.on_detected(source.integer('q'), source.integer('q'))
    elif what == 4:
        coordinator.tick(source.integer('q'))
    else:
        name = NODES[source.integer('B') % 2]
        pid = coordinator.roster.members[name].pid
        coordinator.on_death(name, pid, 'process_exit', 'why', source.integer('q'))


TARGETS = {'recovery': Target(_recovery, (), none)}
