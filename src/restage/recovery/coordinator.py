# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Turn what is seen of the detection nodes into orders: the recovery node without ROS."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from restage.cameras import LATE_NS, Cameras
from restage.checkpoint.boundaries import NO_CHECKPOINT
from restage.checkpoint.progress import FrameState
from restage.diagnosis.findings import Findings
from restage.recovery.breaker import Breaker, BreakerOptions
from restage.recovery.case import RecoveryCase
from restage.recovery.cases import Cases
from restage.recovery.ledger import FrameLedger
from restage.recovery.policy import Policy, Situation, Tier, decide_death, decide_soft_error
from restage.recovery.ports import NodeMarks, NodeOrder, Port
from restage.recovery.roles import Roles
from restage.recovery.roster import Lifecycle, Member, Roster

# So many heartbeats a process sends, in a second, to be believed that it lives.
BEATS_OF_LIFE = 10
# A frame is handed over so often; when it has ended yet another node, it is what is wrong.
MOST_HANDOVERS = 2
# A frame whose detections were being sent when the node died may still be on its way.
ON_ITS_WAY_S = 0.003
# So many ticks (seconds: a tenth) nobody is silent after the recovery node begins to listen.
MATCHED_TICKS = 50
# What a death is reported as that was ordered because nothing less had helped.
ESCALATION = 'escalation'


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


@dataclass(frozen=True, kw_only=True)
class CoordinatorOptions:
    """
    How errors are treated.

    ``epoch``: the last one given in this store; ``adopt``: its primary may still work;
    ``ended_of``: the last frame of each camera that was dealt with. ``max_attempts``: tries of one
    frame in one node after the first. ``frame_budget_ns``: a frame is dropped when its recovery
    takes longer. ``lost_ticks``: a node of another host that is silent for so long is lost when DDS
    says that somebody is.
    """

    epoch: int = 0
    adopt: bool = False
    ended_of: tuple[int, ...] = ()
    cameras: Cameras = Cameras()  # noqa: RUF009 - frozen
    max_attempts: int = 2
    frame_budget_ns: int = 300_000_000
    lost_ticks: int = 2
    policy: Policy = Policy.LADDER
    breaker: BreakerOptions = BreakerOptions()  # noqa: RUF009 - frozen


class Coordinator:
    """Called by the executor and by the process watch, under one lock."""

    def __init__(self, names: list[str], port: Port, options: CoordinatorOptions) -> None:
        """Lead the nodes called ``names``."""
        self.ledger = FrameLedger(options.cameras)
        self.cases = Cases(self.ledger)
        self.roster = Roster(names)
        self.breaker = Breaker(options.breaker)
        self.policy = options.policy
        # Of deaths, also of those that needed no recovery.
        self.findings = Findings()
        self.taken_for_dead = 0
        self._options = options
        self._port = port
        self._roles = Roles(
            self.roster,
            port,
            self.breaker,
            epoch=options.epoch,
            adopt=options.adopt,
            newest=lambda: self._dealt_with(self._left),
        )
        # By camera, until a later frame is heard: what the file of a dead primary says it ended.
        self._left = list(self._dealt_with(options.ended_of))
        # On other hosts, not heard since DDS lost somebody.
        self._suspects: set[str] = set()
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
            camera = self._options.cameras.of(stamp_ns)
            if not 0 <= self._left[camera] - stamp_ns < LATE_NS:
                self._left[camera] = 0  # overtaken, or the clock was set back
            self.cases.on_detected(stamp_ns, now_ns)
            self.breaker.good(now_ns)
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
            member = self.roster.members.get(node)
            if member is not None and member.remote:  # whose clock is another
                restored_ns = resumed_ns = time.monotonic_ns()
            self.cases.resumed(stamp_ns, node, boundary, restored_ns, resumed_ns)

    # Errors

    def on_soft_error(self, error: SoftError) -> None:
        """Decide about an error and order what is to be done."""
        with self._lock:
            member = self.roster.members.get(error.node)
            if member is None or self._overtaken(member):
                return
            case = self.cases.find(error.stamp_ns)
            now = time.monotonic_ns()
            if member.remote:  # whose clock is another
                error = replace(error, seen_ns=now)
            decision = decide_soft_error(
                Situation(
                    detector=error.detector,
                    attempt=error.attempt,
                    latest=error.latest,
                    # What runs on another host cannot be killed from here.
                    can_fail_over=not member.remote
                    and self.roster.standby() is not None
                    and self.breaker.allows(now),
                    failed_over=case is not None and case.node != error.node,
                    overdue=case is not None
                    and now - case.detected_ns > self._options.frame_budget_ns,
                ),
                max_attempts=self._options.max_attempts,
                policy=self.policy,
            )
            if case is None:
                case = self._open(error)
            case.escalate(decision.tier.value)
            if decision.tier in (Tier.FAILOVER, Tier.RESTART):
                case.trusted = decision.boundary
                why = f'{error.detector} again after {error.attempt} tries'
                self._port.kill(error.node, member.pid, ESCALATION, why)
                return
            if decision.tier is Tier.DROP_FRAME:
                self.breaker.failure(now)
            order = NodeOrder(
                number=case.number,
                tier=decision.tier,
                stamp_ns=error.stamp_ns,
                attempt=error.attempt,
                boundary=decision.boundary,
            )
            self._port.order(error.node, order)

    def _overtaken(self, member: Member) -> bool:
        """Return whether an error report of ``member`` comes after its death, or its successor."""
        if self.roster.primary is not None:
            return self.roster.primary is not member
        return member.pid == 0 and bool(member.dead_pids)

    def _open(self, error: SoftError) -> RecoveryCase:
        marks = self._marks(self.roster.members[error.node])
        case = self.cases.open(
            stamp_ns=error.stamp_ns,
            node=error.node,
            stage=error.stage,
            detector=error.detector,
            error=error.error,
            detected_ns=error.seen_ns,
            fault=marks.fault if marks else None,
        )
        case.decided_ns = time.monotonic_ns()
        return case

    def on_death(self, node: str, pid: int, detector: str, why: str, seen_ns: int) -> None:
        """Fail over from a dead primary; take a dead standby off the roster."""
        with self._lock:
            member = self.roster.members[node]
            if member.pid != pid:  # its successor has been heard before its death
                return
            self.findings.note(detector, f'{node}: {why}', seen_ns)
            if self.roster.primary is not member:
                self.roster.died(member)
                self._port.log(f'{node} died ({why}); it was not the primary')
                return
            marks = self._marks(member)
            # May wait, unlocked: the dead node stays primary until then, so that nobody else
            # is promoted meanwhile.
            in_flight = marks is not None and self._unfinished(marks)
            if member.pid != pid:  # meanwhile somebody else has dealt with it
                return
            self.roster.died(member)
            now = time.monotonic_ns()
            self.breaker.failure(now)
            standby = self.roster.standby()
            tier = decide_death(
                standby_ready=standby is not None,
                breaker_allows=self.breaker.allows(now),
                policy=self.policy,
            )
            stamp_ns = marks.progress.stamp_ns if marks else 0
            after = list(self._dealt_with(marks.progress.ended_of if marks else ()))
            self._left = after.copy()
            if in_flight:
                after[self._options.cameras.of(stamp_ns)] = stamp_ns
            else:
                stamp_ns = max(stamp_ns, self.ledger.newest_detected)
            # The death may be the second act of an error of this frame: the first is the cause.
            case = self.cases.find(stamp_ns) if in_flight else None
            if case is None:
                case = self.cases.open(
                    stamp_ns=stamp_ns,
                    node=node,
                    stage=_stage(marks) if in_flight else '',
                    detector=detector,
                    error=why,
                    detected_ns=seen_ns,
                    fault=marks.fault if marks else None,
                    hung_since_ns=marks.progress.since_ns
                    if marks and detector == 'stage_deadline'
                    else None,
                )
                case.has_frame = in_flight
                case.decided_ns = time.monotonic_ns()
            if detector != ESCALATION or case.tier != tier.value:
                case.escalate(tier.value)  # else it was noted when the death was ordered
            if self.policy is Policy.PROCESS_RESET:
                self._roles.reserved = node
            poison = in_flight and case.tiers.count(Tier.FAILOVER.value) > MOST_HANDOVERS
            if poison:
                self.on_dropped(stamp_ns, 'poison_frame', 'it has ended every node that had it')
                self._left[self._options.cameras.of(stamp_ns)] = stamp_ns
            if tier is Tier.FAILOVER and standby is not None:
                order = NodeOrder(
                    number=case.number,
                    tier=Tier.FAILOVER,
                    epoch=self._roles.next_epoch(),
                    stamp_ns=stamp_ns,
                    after=tuple(after),
                    has_frame=in_flight and not poison,
                    boundary=_boundary(marks, case.trusted if detector == ESCALATION else None),
                    from_node=node,
                )
                self._roles.promote(standby, order)
            self._port.log(f'{node} died ({why}): {tier.value}')

    def _dealt_with(self, ended_of: Sequence[int]) -> tuple[int, ...]:
        """Return the last frame of each camera that came out, or is in ``ended_of``."""
        newest = self.ledger.newest
        ended = (*ended_of, *[0] * len(newest))
        return tuple(max(pair) for pair in zip(newest, ended, strict=False))

    def _marks(self, member: Member) -> NodeMarks | None:
        """Read the file of ``member``; of one on another host, any file here is a predecessor's."""
        return None if member.remote else self._port.marks(member.name)

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

    def on_heartbeat(
        self, node: str, pid: int, state: int, epoch: int, *, remote: bool = False
    ) -> None:
        """Learn where a node stands, on this host or another; bring it where it should be."""
        with self._lock:
            member = self.roster.members.get(node)
            if member is None or (not remote and self._dead(member, pid)):
                return
            known = (member.pid, member.remote) == (pid, remote)
            if not known and not self._meet(member, pid, remote=remote):
                return
            member.silent_ticks = 0
            self._suspects.discard(node)
            self._roles.place(member, state, epoch)

    def _dead(self, member: Member, pid: int) -> bool:
        """Return whether a heartbeat is a dead process's last; one that beats on is not dead."""
        if pid not in member.dead_pids:
            return False
        member.beats_of_dead[pid] += 1
        if member.beats_of_dead[pid] < BEATS_OF_LIFE or not self._port.alive(pid):
            return True
        self._port.log(f'{member.name}: process {pid} was taken for dead, but lives')
        self.taken_for_dead += 1
        member.dead_pids.discard(pid)
        del member.beats_of_dead[pid]
        return False

    def _meet(self, member: Member, pid: int, *, remote: bool) -> bool:
        """Take ``pid`` as the process of ``member``, if it is."""
        if member.pid and (member.remote or self._port.alive(member.pid)):
            if pid not in member.rivals:
                self._port.log(f'two processes call themselves {member.name}: {pid} must wait')
                member.rivals.add(pid)
            return False
        if member.pid:
            why = f'process {member.pid} ended'
            self.on_death(member.name, member.pid, 'process_exit', why, time.monotonic_ns())
        if not remote and not self._port.watch(member.name, pid):
            member.dead_pids.add(pid)
            return False
        member.pid = pid
        member.remote = remote
        member.busy_until_ns = 0
        member.state = Lifecycle.ABSENT
        return True

    def adopt(self, node: str, pid: int, epoch: int) -> None:
        """
        Lead a process of this host that the store names, before it is heard.

        With the last epoch given it is primary, until it says that it is not.
        """
        with self._lock:
            member = self.roster.members[node]
            was_primary = 0 < epoch == self._options.epoch
            if self._meet(member, pid, remote=False) and was_primary:
                self.roster.promote(member, epoch)

    def on_peers_lost(self, now_ns: int) -> None:
        """Learn that DDS has lost somebody: who of another host is, or falls, silent is meant."""
        with self._lock:
            self._suspects = {
                member.name for member in self.roster.members.values() if member.remote
            }
            self._lose_suspects(now_ns)

    def _lose_suspects(self, now_ns: int) -> None:
        for name in sorted(self._suspects):
            member = self.roster.members[name]
            if member.pid and member.silent_ticks >= self._options.lost_ticks:
                pid = member.pid
                self.on_death(name, pid, 'liveliness', 'its host is silent', now_ns)
                # It may only have been cut off: it is welcome back, with its old process id.
                member.dead_pids.discard(pid)
                self._suspects.discard(name)

    def silent_ticks(self, node: str) -> int:
        """Return for how many ticks nothing was heard of ``node``, once it is configured."""
        with self._lock:
            member = self.roster.members[node]
            # While it loads its model, a node is silent with good reason.
            up = member.state in (Lifecycle.INACTIVE, Lifecycle.ACTIVE)
            return member.silent_ticks if up else 0

    def on_refused(self, node: str, why: str) -> None:
        """Learn that a node did not accept its promotion."""
        with self._lock:
            self._roles.refused(self.roster.members[node], why)

    # Time

    def listen(self, now_ns: int) -> None:
        """Begin to listen, maybe not for the first time: learn who died while nobody did."""
        with self._lock:
            for member in self.roster.members.values():
                # Their heartbeats are heard again once DDS has matched them.
                member.silent_ticks = -MATCHED_TICKS
                if member.pid and not member.remote and not self._port.alive(member.pid):
                    why = f'process {member.pid} ended unwatched'
                    self.on_death(member.name, member.pid, 'process_exit', why, now_ns)

    def tick(self, now_ns: int) -> None:
        """Close what is overdue; call a few times a second."""
        with self._lock:
            self._settle(now_ns)
            for member in self.roster.members.values():
                member.silent_ticks += 1
            self._lose_suspects(now_ns)

    def _settle(self, now_ns: int) -> None:
        for case in self.cases.settle(now_ns):
            self._port.finished(case)


def _stage(marks: NodeMarks | None) -> str:
    if marks is None or marks.progress.stage >= len(marks.stages):
        return ''
    return marks.stages[marks.progress.stage]


def _boundary(marks: NodeMarks | None, trusted: int | None) -> int:
    """Return the latest checkpoint of a dead node that may be used, or NO_CHECKPOINT."""
    latest = max(marks.boundaries, default=NO_CHECKPOINT) if marks else NO_CHECKPOINT
    return latest if trusted is None else min(latest, trusted)
