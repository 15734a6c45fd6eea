# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The statuses of the recovery node."""

from __future__ import annotations

from dataclasses import dataclass, field

from restage.diagnosis.flow import Flow
from restage.diagnosis.status import Level, Status, Value
from restage.recovery.breaker import BreakerState
from restage.recovery.case import Outcome, RecoveryCase
from restage.recovery.coordinator import ESCALATION, Coordinator
from restage.recovery.ledger import FrameLedger

PRIMARY, STANDBY, BREAKER = 'primary', 'standby', 'circuit breaker'
LAST, FRAMES = 'last recovery', 'frames'
PROCESS_EXIT, STAGE_DEADLINE = 'process_exit', 'stage_deadline'
HEARTBEAT, LIVELINESS = 'heartbeat', 'liveliness'
# What the recovery node reports a death as.
DETECTORS = (PROCESS_EXIT, STAGE_DEADLINE, HEARTBEAT, LIVELINESS, ESCALATION)
ITEMS = (PRIMARY, STANDBY, BREAKER, LAST, FRAMES, *(f'detector {name}' for name in DETECTORS))
_LEVELS = {
    Outcome.RECOVERED: Level.OK,
    Outcome.FRAME_DROPPED: Level.WARN,
    Outcome.FAILED: Level.ERROR,
}


def inactive() -> list[Status]:
    """Return the statuses of a recovery node that does not watch."""
    return [Status(item, Level.STALE, 'the recovery node is not active') for item in ITEMS]


@dataclass
class RecoveryStatuses:
    """What a coordinator has seen, as statuses."""

    published: Flow = field(default_factory=Flow)
    detected: Flow = field(default_factory=Flow)
    lost: Flow = field(default_factory=Flow)
    wrong: Flow = field(default_factory=Flow)

    def of(self, coordinator: Coordinator, now_ns: int, *, excused: int) -> list[Status]:
        """Return all of them; ``excused``: late stages that only waited for a core."""
        found = coordinator.findings
        return [
            _primary(coordinator),
            _standby(coordinator),
            _breaker(coordinator, now_ns),
            _last(coordinator, now_ns),
            self._frames(coordinator.ledger, now_ns),
            found.status(PROCESS_EXIT, now_ns, false_alarms=coordinator.taken_for_dead),
            found.status(STAGE_DEADLINE, now_ns, excused=excused),
            *(found.status(name, now_ns) for name in (HEARTBEAT, LIVELINESS, ESCALATION)),
        ]

    def _frames(self, ledger: FrameLedger, now_ns: int) -> Status:
        lost = dict(ledger.lost)
        self.published.look(ledger.published, now_ns)
        self.detected.look(ledger.detected, now_ns)
        self.lost.look(sum(lost.values()), now_ns)
        self.wrong.look(ledger.duplicates + ledger.out_of_order, now_ns)
        values: dict[str, Value] = {
            'published': ledger.published,
            'detected': ledger.detected,
            'published_hz': self.published.hz,
            'detected_hz': self.detected.hz,
            'duplicates': ledger.duplicates,
            'out_of_order': ledger.out_of_order,
            **{f'lost[{why}]': count for why, count in lost.items()},
        }
        level, message = self._judge(now_ns)
        return Status(FRAMES, level, message, values)

    def _judge(self, now_ns: int) -> tuple[Level, str]:
        if self.wrong.grew_lately(now_ns):
            return Level.ERROR, 'a frame came out twice or out of order within the last 10 s'
        if self.lost.grew_lately(now_ns):
            return Level.WARN, 'frames were lost within the last 10 s'
        if self.published.stopped(now_ns):
            return Level.STALE, 'no frame of a camera for more than 2 s'
        return Level.OK, 'every frame came out once, in order'


def _primary(coordinator: Coordinator) -> Status:
    member = coordinator.roster.primary
    if member is not None:
        values: dict[str, Value] = {'name': member.name, 'pid': member.pid, 'epoch': member.epoch}
        return Status(PRIMARY, Level.OK, member.name, values)
    if coordinator.ledger.detected:
        return Status(PRIMARY, Level.ERROR, 'none: images are not worked on')
    return Status(PRIMARY, Level.WARN, 'none yet')


def _standby(coordinator: Coordinator) -> Status:
    roster = coordinator.roster
    member = roster.standby()
    states = {f'state[{one.name}]': one.state.name.lower() for one in roster.members.values()}
    values: dict[str, Value] = {'name': member.name if member else '', **states}
    if member is not None:
        return Status(STANDBY, Level.OK, f'{member.name} is ready to take over', values)
    if len(roster.members) == 1:
        return Status(STANDBY, Level.OK, 'none wanted: there is one detection node', values)
    return Status(STANDBY, Level.WARN, 'none is ready: a death now costs a restart', values)


def _breaker(coordinator: Coordinator, now_ns: int) -> Status:
    breaker = coordinator.breaker
    state = breaker.state(now_ns)
    values: dict[str, Value] = {
        'state': state.value,
        'failures': breaker.failures,
        'opened': breaker.opened,
        'wait_s': breaker.wait_ns(now_ns) / 1e9,
    }
    if state is BreakerState.CLOSED:
        message = 'closed: the primary is healthy again' if breaker.opened else 'closed'
        return Status(BREAKER, Level.OK, message, values)
    what = 'nobody is promoted' if state is BreakerState.OPEN else 'trying again'
    message = f'degraded: the primary fails again and again; {what}'
    return Status(BREAKER, Level.ERROR, message, values)


def _last(coordinator: Coordinator, now_ns: int) -> Status:
    cases = coordinator.cases
    values: dict[str, Value] = {
        'recoveries': cases.ended,
        'under_way': len(cases.under_way),
        'policy': coordinator.policy.value,
    }
    if cases.under_way:
        case = cases.under_way[-1]
        facts = {**_facts(case, now_ns), 'outcome': 'under_way'}
        return Status(LAST, Level.WARN, f'under way: {_what(case)}', values | facts)
    if not cases.closed:
        return Status(LAST, Level.OK, 'none so far', values)
    case = cases.closed[-1]
    return Status(LAST, _LEVELS[case.outcome], said_of(case), values | _facts(case, now_ns))


def said_of(case: RecoveryCase) -> str:
    """Return a line about a recovery that is over."""
    spent = f' in {_ms(case):.1f} ms' if case.recovered else ''
    return f'{_what(case)}: {case.outcome.name}{spent}, {case.frames_lost} frames lost'


def _what(case: RecoveryCase) -> str:
    return f'{case.tier}: {case.detector} in {case.node} stage {case.stage or "-"}'


def _ms(case: RecoveryCase) -> float:
    """Return the time from the fault, or its detection, to the first good output; 0: none yet."""
    since = case.injected_ns or case.detected_ns
    return (case.first_good_output_ns - since) / 1e6 if case.recovered else 0.0


def _facts(case: RecoveryCase, now_ns: int) -> dict[str, Value]:
    return {
        'tier': case.tier,
        'detector': case.detector,
        'node': case.node,
        'stage': case.stage,
        'fault': case.fault_kind,
        'outcome': case.outcome.name.lower(),
        'total_ms': _ms(case),
        'frames_lost': case.frames_lost,
        'age_s': (now_ns - case.detected_ns) / 1e9,
    }
