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

from restage.checkpoint.boundaries import valid_boundaries
from restage.checkpoint.control import Control
from restage.checkpoint.errors import StoreError
from restage.checkpoint.nodefile import NodeFile
from restage.checkpoint.process import ProcessId
from restage.checkpoint.progress import ProgressMarks
from restage.nodes.patient_client import PatientClient
from restage.nodes.recovery_options import TICK_S, RecoveryOptions
from restage.nodes.stamps import from_ns
from restage.recovery.case import RecoveryCase
from restage.recovery.death_watch import DeathWatch
from restage.recovery.overdue import Overdue
from restage.recovery.policy import Tier
from restage.recovery.ports import NodeMarks, NodeOrder
from restage.recovery.watch import ProcessWatch

_TIERS = {
    Tier.RETRY_STAGE: CommandRecovery.Request.RETRY_STAGE,
    Tier.RELOAD_WEIGHTS: CommandRecovery.Request.RELOAD_WEIGHTS,
    Tier.RELOAD_MODEL: CommandRecovery.Request.RELOAD_MODEL,
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
        *,
        store: Path,
        control: Control,
        options: RecoveryOptions,
        finished: Callable[[RecoveryCase], None],
    ) -> None:
        """Make the clients of the detection nodes."""
        names = options.detectors
        self.on_refused: Callable[[str, str], None] = lambda _node, _why: None
        self.on_death: Callable[[str, int, str, str, int], None] = lambda *_: None
        self.silent_ticks: Callable[[str], int] = lambda _node: 0
        self.finished = finished
        # Nobody is judged while the recovery node is inactive: it hears nothing.
        self.leads = False
        self._log = node.get_logger()
        self._store = store
        self._control = control
        self._options = options
        self._files: dict[str, NodeFile] = {}
        self._recover = {
            name: PatientClient(node, CommandRecovery, f'{name}/recover') for name in names
        }
        self._change = {
            name: PatientClient(node, ChangeState, f'{name}/change_state') for name in names
        }
        self._judge = Overdue()
        self._early = DeathWatch(self._dying)
        self._watch = ProcessWatch(
            lambda *death: self.on_death(*death), self._overdue, self._log.error
        )

    def close(self, node: Node) -> None:
        """End the watch and destroy the clients."""
        self._watch.stop()
        self._early.stop()
        for client in (*self._recover.values(), *self._change.values()):
            client.destroy(node)

    @property
    def excused(self) -> int:
        """How many stages were late only because they waited for a core."""
        return self._judge.excused

    def flush(self) -> None:
        """Send what had nobody to take it; call often."""
        for client in (*self._recover.values(), *self._change.values()):
            client.flush()

    def configure(self, node: str) -> None:
        """Ask ``node`` to configure itself."""
        self._transition(node, Transition.TRANSITION_CONFIGURE)

    def deactivate(self, node: str) -> None:
        """Ask ``node`` to become inactive."""
        self._transition(node, Transition.TRANSITION_DEACTIVATE)

    def _transition(self, node: str, transition: int) -> None:
        request = ChangeState.Request()
        request.transition.id = transition
        self._change[node].call(request, lambda done: self._transitioned(node, done))

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
            attempt=order.attempt,
            after=[from_ns(stamp_ns) for stamp_ns in order.after],
            has_frame=order.has_frame,
            boundary=order.boundary,
            from_node=order.from_node,
        )
        promotion = order.tier in (None, Tier.FAILOVER)
        self._recover[node].call(request, lambda done: self._answered(node, promotion, done))

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
            boundaries = valid_boundaries(file, plan, progress.stamp_ns)
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

    def alive(self, pid: int) -> bool:
        """Return whether the process exists."""
        return ProcessId.of(pid) is not None

    def kill(self, node: str, pid: int, detector: str, why: str) -> None:
        """Kill a living process of this host; its death is reported as by ``detector``."""
        self._watch.kill(node, pid, detector, why)

    def log(self, text: str) -> None:
        """Log ``text``."""
        self._log.info(text)

    def _dying(self, node: str, pid: int, seen_ns: int) -> None:
        why = self._watch.killed_for(pid) or ('process_exit', f'process {pid} is dying', seen_ns)
        self.on_death(node, pid, *why)

    def _overdue(self, node: str, pid: int) -> tuple[str, str] | None:
        """Return detector and reason when process ``pid`` of ``node`` has hung."""
        if not self.leads:
            return None
        ticks = self.silent_ticks(node)
        if ticks > self._options.heartbeat_deadline_ticks:
            return 'heartbeat', f'no heartbeat for {ticks * TICK_S:.1f} s: killed'
        try:
            file = self._file(node)
        except StoreError:
            return None
        if file.process.pid != pid:
            return None  # just started: until it attaches, the marks are its predecessor's
        self._early.add(node, pid, file.death_lock)
        # The time first: a mark made in between is then in the future, not overdue.
        now = time.monotonic_ns()
        progress = ProgressMarks(file).read()
        late_ns = self._judge.late_ns(pid, progress.due_ns, now) if progress.due_ns else 0
        if not late_ns:
            return None
        doing = 'waiting for work'
        if progress.in_flight:
            doing = f'{progress.state.name.lower()} stage {progress.stage}'
        return 'stage_deadline', f'{doing}, {late_ns / 1e6:.0f} ms past its deadline: killed'
