# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The recovery coordinator's hands: services, store and process watch of the recovery node."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState
from rclpy.node import Node
from rclpy.task import Future
from restage_msgs.srv import CommandRecovery

from restage.checkpoint.control import Control
from restage.checkpoint.errors import StoreError
from restage.checkpoint.nodefile import NodeFile
from restage.checkpoint.progress import FrameState, ProgressMarks
from restage.checkpoint.reader import CheckpointReader
from restage.nodes.stamps import from_ns
from restage.recovery.case import RecoveryCase
from restage.recovery.policy import Tier
from restage.recovery.ports import NodeMarks, NodeOrder
from restage.recovery.watch import ProcessWatch

_TIERS = {
    Tier.RETRY_STAGE: CommandRecovery.Request.RETRY_STAGE,
    Tier.DROP_FRAME: CommandRecovery.Request.DROP_FRAME,
    Tier.FAILOVER: CommandRecovery.Request.FAILOVER,
}


class RecoveryPort:
    """
    Implements ``restage.recovery.ports.Port``.

    Orders may be sent from any thread: rclpy clients lock, and answers come in the executor.
    """

    def __init__(
        self,
        node: Node,
        names: list[str],
        *,
        store: Path,
        control: Control,
        stage_deadline_ns: int,
        finished: Callable[[RecoveryCase], None],
    ) -> None:
        """Make the clients of the detection nodes called ``names``."""
        self.on_refused: Callable[[str, str], None] = lambda _node, _why: None
        self.on_death: Callable[[str, str, str, int], None] = lambda *_: None
        self.finished = finished
        self._log = node.get_logger()
        self._store = store
        self._control = control
        self._deadline_ns = stage_deadline_ns
        self._files: dict[str, NodeFile] = {}
        self._recover = {
            name: node.create_client(CommandRecovery, f'{name}/recover') for name in names
        }
        self._change = {
            name: node.create_client(ChangeState, f'{name}/change_state') for name in names
        }
        self._watch = ProcessWatch(self._died, self._overdue)

    def close(self, node: Node) -> None:
        """End the watch and destroy the clients."""
        self._watch.stop()
        for client in (*self._recover.values(), *self._change.values()):
            node.destroy_client(client)

    def configure(self, node: str) -> None:
        """Ask ``node`` to configure itself."""
        self._transition(node, Transition.TRANSITION_CONFIGURE)

    def deactivate(self, node: str) -> None:
        """Ask ``node`` to become inactive."""
        self._transition(node, Transition.TRANSITION_DEACTIVATE)

    def _transition(self, node: str, transition: int) -> None:
        request = ChangeState.Request()
        request.transition.id = transition
        future = self._change[node].call_async(request)
        future.add_done_callback(lambda done: self._transitioned(node, done))

    def _transitioned(self, node: str, done: Future[ChangeState.Response]) -> None:
        answer = done.result()
        if answer is not None and not answer.success:
            self._log.error(f'{node} could not change its state; its own log says why')

    def order(self, node: str, order: NodeOrder) -> None:
        """Send ``order`` to ``node``."""
        request = CommandRecovery.Request(
            recovery_id=order.number,
            tier=CommandRecovery.Request.PROMOTE if order.tier is None else _TIERS[order.tier],
            epoch=order.epoch,
            frame=from_ns(order.stamp_ns),
            has_frame=order.has_frame,
            boundary=order.boundary,
            from_node=order.from_node,
        )
        future = self._recover[node].call_async(request)
        promotion = order.tier in (None, Tier.FAILOVER)
        future.add_done_callback(lambda done: self._answered(node, promotion, done))

    def _answered(self, node: str, promotion: bool, done: Future[CommandRecovery.Response]) -> None:
        answer = done.result()
        if answer is None or answer.accepted:
            return
        if promotion:
            self.on_refused(node, answer.message)
        else:
            self._log.warning(f'{node} did not take an order: {answer.message}')

    def marks(self, node: str) -> NodeMarks | None:
        """Read ``node``'s file in the store; None before the node has attached to it."""
        try:
            file = self._file(node)
            plan = file.plan()
            marks = ProgressMarks(file)
            progress = marks.read()
            boundaries = CheckpointReader(file).boundaries(progress.stamp_ns)
        except StoreError:
            return None
        return NodeMarks(
            progress=progress,
            fault=marks.fault(),
            stages=plan.stages,
            boundaries=tuple(boundaries),
        )

    def _file(self, node: str) -> NodeFile:
        if node not in self._files:
            self._files[node] = NodeFile(self._store / node)
        return self._files[node]

    def fence(self, epoch: int) -> None:
        """Let no epoch but ``epoch`` publish from now on."""
        self._control.epoch = epoch

    def watch(self, node: str, pid: int) -> bool:
        """Watch the process; False when it is gone already."""
        return self._watch.add(node, pid)

    def log(self, text: str) -> None:
        """Log ``text``."""
        self._log.info(text)

    def _died(self, node: str, detector: str, why: str, seen_ns: int) -> None:
        self.on_death(node, detector, why, seen_ns)

    def _overdue(self, node: str, pid: int) -> str | None:
        """Return what is wrong when the stage that process ``pid`` runs takes too long."""
        try:
            file = self._file(node)
        except StoreError:
            return None
        # A process that was just started has its predecessor's marks until it attaches.
        progress = ProgressMarks(file).read()
        if file.process.pid != pid or not progress.in_flight:
            return None
        if progress.state is not FrameState.RUNNING:
            return None
        spent = time.monotonic_ns() - progress.stage_started_ns
        if spent < self._deadline_ns:
            return None
        return (
            f'stage {progress.stage} ran for {spent / 1e6:.0f} ms, '
            f'deadline {self._deadline_ns / 1e6:.0f} ms: killed'
        )
