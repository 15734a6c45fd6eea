# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Turn what is seen of the detection nodes into orders: the recovery node without ROS."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from restage.checkpoint.boundaries import NO_CHECKPOINT
from restage.checkpoint.progress import FrameState
from restage.recovery.cases import Cases
from restage.recovery.ledger import FrameLedger
from restage.recovery.policy import Tier, decide_death, decide_soft_error
from restage.recovery.ports import NodeMarks, NodeOrder, Port
from restage.recovery.roster import Lifecycle, Member, Roster

# After an order that brings a node up, so long until it is given again.
RETRY_ORDER_NS = 5_000_000_000
# A frame whose detections were being sent when the node died may still be on its way.
ON_ITS_WAY_S = 0.003
# In a store that has had a primary before, so long for it to be heard before another is made.
ADOPTION_NS = 1_000_000_000


@dataclass(frozen=True, kw_only=True)
class SoftError:
    """An error that a living node reports. ``latest``: its latest checkpoint of the frame."""

    node: str
    stamp_ns: int
    stage: str
    attempt: int
    detector: str
    error: str
    latest: int
    seen_ns: int


class Coordinator:
    """
    Called by the executor and by the process watch, under one lock.

    Roles are given here alone: a detection node never promotes itself, and whoever has the
    newest epoch is primary.
    """

    def __init__(self, names: list[str], port: Port, *, epoch: int, max_attempts: int) -> None:
        """Lead the nodes called ``names``; ``epoch`` is the last one given in this store."""
        self.ledger = FrameLedger()
        self.cases = Cases(self.ledger)
        self.roster = Roster(names)
        self._port = port
        self._epoch = epoch
        self._adopt_until_ns = time.monotonic_ns() + ADOPTION_NS if epoch else 0
        self._max_attempts = max_attempts
        self._orders = 0
        self._lock = threading.RLock()
        self._arrived = threading.Condition(self._lock)

    # Frames

    def on_published(self, stamp_ns: int) -> None:
        """Note that the camera published a frame."""
        with self._lock:
            self.ledger.on_published(stamp_ns)

    def on_detected(self, stamp_ns: int, now_ns: int) -> None:
        """Note that detections of a frame were received."""
        with self._lock:
            self.ledger.on_detected(stamp_ns)
            self.cases.on_detected(stamp_ns, now_ns)
            self._settle(now_ns)
            self._arrived.notify_all()

    def on_dropped(self, stamp_ns: int, detector: str, why: str) -> None:
        """Note that a node gave a frame up."""
        with self._lock:
            self.ledger.on_dropped(stamp_ns, detector)
            self.cases.dropped(stamp_ns, why)

    def on_resumed(
        self, node: str, stamp_ns: int, boundary: int, restored_ns: int, resumed_ns: int
    ) -> None:
        """Note that a node resumed a frame."""
        with self._lock:
            self.cases.resumed(stamp_ns, node, boundary, restored_ns, resumed_ns)

    # Errors

    def on_soft_error(self, error: SoftError) -> None:
        """Decide about an error and order the retry."""
        with self._lock:
            if error.node not in self.roster.members:
                return
            decision = decide_soft_error(
                error.attempt, error.latest, max_attempts=self._max_attempts
            )
            case = self.cases.find(error.node, error.stamp_ns)
            if case is None:
                marks = self._port.marks(error.node)
                case = self.cases.open(
                    stamp_ns=error.stamp_ns,
                    node=error.node,
                    stage=error.stage,
                    detector=error.detector,
                    error=error.error,
                    tier=decision.tier.value,
                    detected_ns=error.seen_ns,
                    fault=marks.fault if marks else None,
                )
                case.decided_ns = time.monotonic_ns()
            case.attempts += 1
            order = NodeOrder(
                number=case.number,
                tier=decision.tier,
                stamp_ns=error.stamp_ns,
                boundary=decision.boundary,
            )
            self._port.order(error.node, order)

    def on_death(self, node: str, pid: int, detector: str, why: str, seen_ns: int) -> None:
        """Fail over from a dead primary; take a dead standby off the roster."""
        with self._lock:
            member = self.roster.members[node]
            if member.pid != pid:  # its successor has been heard before its death
                return
            if self.roster.primary is not member:
                self.roster.died(member)
                self._port.log(f'{node} died ({why}); it was not the primary')
                return
            marks = self._port.marks(node)
            # May wait, unlocked: the dead node stays primary until then, so that nobody else
            # is promoted meanwhile.
            in_flight = marks is not None and self._unfinished(marks)
            if member.pid != pid:  # meanwhile somebody else has dealt with it
                return
            self.roster.died(member)
            standby = self.roster.standby()
            tier = decide_death(standby_ready=standby is not None)
            stamp_ns = marks.progress.stamp_ns if marks else 0
            if not in_flight:
                stamp_ns = max(stamp_ns, self.ledger.newest_detected)
            case = self.cases.open(
                stamp_ns=stamp_ns,
                node=node,
                stage=_stage(marks) if in_flight else '',
                detector=detector,
                error=why,
                tier=tier.value,
                detected_ns=seen_ns,
                fault=marks.fault if marks else None,
            )
            case.attempts = 1
            case.has_frame = in_flight
            case.decided_ns = time.monotonic_ns()
            if standby is not None:
                self._promote(
                    standby,
                    NodeOrder(
                        number=case.number,
                        tier=Tier.FAILOVER,
                        epoch=self._next_epoch(),
                        stamp_ns=stamp_ns,
                        has_frame=in_flight,
                        boundary=max(marks.boundaries, default=NO_CHECKPOINT)
                        if marks
                        else NO_CHECKPOINT,
                        from_node=node,
                    ),
                )
            self._port.log(f'{node} died ({why}): {tier.value}')

    def _unfinished(self, marks: NodeMarks) -> bool:
        """Return whether the dead node left a frame whose detections never came."""
        progress = marks.progress
        if not progress.in_flight or self.ledger.was_detected(progress.stamp_ns):
            return False
        if progress.state is FrameState.PUBLISHING:
            self._arrived.wait_for(
                lambda: self.ledger.was_detected(progress.stamp_ns), ON_ITS_WAY_S
            )
        return not self.ledger.was_detected(progress.stamp_ns)

    # Roles

    def on_heartbeat(self, node: str, pid: int, state: int, epoch: int) -> None:
        """Learn where a node stands; bring it where it should be."""
        with self._lock:
            member = self.roster.members.get(node)
            if member is None or pid in member.dead_pids:
                return
            if member.pid != pid and not self._meet(member, pid):
                return
            member.silent_ticks = 0
            self._place(member, state, epoch)

    def _meet(self, member: Member, pid: int) -> bool:
        """Take ``pid`` as the process of ``member``, if it is."""
        if member.pid and self._port.alive(member.pid):
            if pid not in member.rivals:
                self._port.log(f'two processes call themselves {member.name}: {pid} must wait')
                member.rivals.add(pid)
            return False
        if member.pid:
            why = f'process {member.pid} ended'
            self.on_death(member.name, member.pid, 'process_exit', why, time.monotonic_ns())
        if not self._port.watch(member.name, pid):
            member.dead_pids.add(pid)
            return False
        member.pid = pid
        member.busy_until_ns = 0
        member.state = Lifecycle.ABSENT
        return True

    def silent_ticks(self, node: str) -> int:
        """Return for how many ticks nothing was heard of ``node``, once it is configured."""
        with self._lock:
            member = self.roster.members[node]
            # While it loads its model, a node is silent with good reason.
            up = member.state in (Lifecycle.INACTIVE, Lifecycle.ACTIVE)
            return member.silent_ticks if up else 0

    def _place(self, member: Member, number: int, epoch: int) -> None:
        now = time.monotonic_ns()
        ordered = member.state is Lifecycle.ACTIVE and now < member.busy_until_ns
        if number not in tuple(Lifecycle) or (ordered and number != Lifecycle.ACTIVE):
            return  # in transition, or the order to be primary has not got through yet
        state = Lifecycle(number)
        if member.state is not state:
            member.busy_until_ns = 0  # whatever was ordered has been done
        member.state = state
        if member.state is Lifecycle.ACTIVE:
            self._on_active(member, epoch)
            return
        if self.roster.primary is member:
            self.roster.primary = None
        if now < member.busy_until_ns:
            return
        if member.state is Lifecycle.UNCONFIGURED:
            member.busy_until_ns = now + RETRY_ORDER_NS
            self._port.configure(member.name)
        elif member.state is Lifecycle.INACTIVE and self._needs_primary(now):
            order = NodeOrder(
                number=0,
                promote=True,
                epoch=self._next_epoch(),
                stamp_ns=self.ledger.newest_detected,
            )
            self._promote(member, order)

    def _needs_primary(self, now: int) -> bool:
        return self.roster.primary is None and now >= self._adopt_until_ns

    def _on_active(self, member: Member, epoch: int) -> None:
        if epoch < self._epoch:
            if self.roster.primary is not member:
                self._port.deactivate(member.name)
            return
        member.epoch = self._epoch = epoch
        member.busy_until_ns = 0
        self.roster.primary = member

    def _promote(self, member: Member, order: NodeOrder) -> None:
        # First the fence, then the order: never two nodes that may publish.
        self._port.fence(order.epoch)
        self.roster.promote(member, order.epoch)
        member.busy_until_ns = time.monotonic_ns() + RETRY_ORDER_NS
        self._port.order(member.name, order)

    def on_refused(self, node: str, why: str) -> None:
        """Learn that a node did not accept its promotion: it is no primary."""
        with self._lock:
            member = self.roster.members[node]
            self._port.log(f'{node} refused its order: {why}')
            if self.roster.primary is member:
                self.roster.primary = None
                member.state = Lifecycle.ABSENT
            member.busy_until_ns = 0

    def _next_epoch(self) -> int:
        self._epoch += 1
        return self._epoch

    # Time

    def tick(self, now_ns: int) -> None:
        """Close what is overdue; call a few times a second."""
        with self._lock:
            self._settle(now_ns)
            for member in self.roster.members.values():
                member.silent_ticks += 1

    def _settle(self, now_ns: int) -> None:
        for case in self.cases.settle(now_ns):
            self._port.finished(case)


def _stage(marks: NodeMarks | None) -> str:
    if marks is None or marks.progress.stage >= len(marks.stages):
        return ''
    return marks.stages[marks.progress.stage]
