# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""One row per fault: what was injected, what became of it, and whether that meets the goal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from restage_msgs.msg import FaultEvent, RecoveryEvent

from restage.faults.scenario import Expect
from restage.faults.taxonomy import KINDS, find_kind
from restage.nodes.stamps import to_ns

NAMES = {kind.name for kind in KINDS}
TIMES = ('detected', 'decided', 'restored', 'resumed', 'first_good_output')


@dataclass(frozen=True, kw_only=True)
class FaultRow:
    """
    A fault of the scenario.

    ``recovery`` is None when none was needed, or none came. ``problems`` says in words what was
    expected and did not happen; ``late`` is the one about time.
    """

    fault_id: str
    kind: str
    stage: str
    fired: bool
    stamp_ns: int
    recovery: RecoveryEvent | None
    bit_identical: bool | None
    problems: tuple[str, ...]

    def after_injection_ms(self, time: str) -> float | None:
        """Return one of TIMES in ms after the injection; None where it is not known."""
        if self.recovery is None:
            return None
        start = self.recovery.injected_ns or self.recovery.detected_ns
        moment = getattr(self.recovery, f'{time}_ns')
        return None if moment == 0 else round((moment - start) / 1e6, 3)

    @property
    def outcome(self) -> str:
        """Return the tier that cured it; ``masked``; or ``SDC``: the output is wrong, unseen."""
        if self.recovery is not None:
            return str(self.recovery.tier)
        if not self.fired:
            return 'not fired'
        return 'SDC' if self.bit_identical is False else 'masked'

    @property
    def total_ms(self) -> float | None:
        """Injection to the first good output as received by the recovery node, in ms."""
        return self.after_injection_ms('first_good_output')


def make_rows(
    planned: Sequence[tuple[str, str, str]],
    expected: Mapping[str, Expect],
    faults: Sequence[FaultEvent],
    recoveries: Sequence[RecoveryEvent],
    differing: Sequence[int],
    lost: Sequence[int],
    *,
    checked: bool = True,
) -> list[FaultRow]:
    """
    Return a row for each of ``planned`` (id, kind, stage), then one for each unplanned recovery.

    ``differing``, ``lost``: stamps of frames whose output differs from the fault-free run's, or
    is missing. ``checked``: whether outputs were compared with the fault-free run's at all.
    """

    def same(stamp_ns: int) -> bool | None:
        if stamp_ns in lost or stamp_ns in differing:
            return False
        return True if checked and stamp_ns else None

    by_fault = {event.fault_id: event for event in recoveries if event.fault_id}
    fired = {event.id: event for event in faults if event.state == FaultEvent.FIRED}
    rejected = {event.id: event for event in faults if event.state == FaultEvent.REJECTED}
    rows = []
    for fault_id, kind, stage in planned:
        recovery = by_fault.get(fault_id)
        event = fired.get(fault_id)
        told = recovery or event
        stamp_ns = to_ns(told.frame) if told else 0
        identical = same(stamp_ns)
        result = _result(
            recovery, told is not None, fault_id in rejected, identical, stamp_ns in lost
        )
        expect = expected.get(fault_id)
        problems = _problems(expect, result, recovery, rejected.get(fault_id))
        open_end = expect is None or not expect.outcome
        if identical is False and open_end and not _may_be_silent(kind):
            problems = (*problems, 'its output is not that of the fault-free run')
        rows.append(
            FaultRow(
                fault_id=fault_id,
                kind=kind,
                stage=(event.stage if event else '') or stage,
                fired=told is not None,
                stamp_ns=stamp_ns,
                recovery=recovery,
                bit_identical=identical,
                problems=problems,
            )
        )
    known = {fault_id for fault_id, _, _ in planned}
    for recovery in recoveries:
        if recovery.fault_id not in known:
            rows.append(_unplanned(recovery, same(to_ns(recovery.frame))))
    return rows


def _may_be_silent(kind: str) -> bool:
    """Return whether nobody need see such a fault; one of an unknown kind was refused."""
    return kind in NAMES and find_kind(kind).may_be_silent


def _unplanned(recovery: RecoveryEvent, identical: bool | None) -> FaultRow:
    stamp_ns = to_ns(recovery.frame)
    return FaultRow(
        fault_id=recovery.fault_id,
        kind=recovery.fault_kind or '(not injected)',
        stage=recovery.stage,
        fired=True,
        stamp_ns=stamp_ns,
        recovery=recovery,
        bit_identical=identical,
        problems=(f'an error nobody injected: {recovery.detector}: {recovery.error}',),
    )


def _result(
    recovery: RecoveryEvent | None,
    fired: bool,
    rejected: bool,
    identical: bool | None,
    lost: bool,
) -> str:
    """Return one of ``restage.faults.scenario.OUTCOMES``."""
    if rejected:
        return 'rejected'
    if not fired:
        return 'not_fired'
    if lost or (recovery is not None and recovery.outcome != RecoveryEvent.RECOVERED):
        return 'frame_lost'
    if identical is False:
        return 'sdc'
    return 'masked' if recovery is None else 'recovered'


def _problems(
    expect: Expect | None,
    result: str,
    recovery: RecoveryEvent | None,
    rejected: FaultEvent | None,
) -> tuple[str, ...]:
    wanted = expect.outcome if expect is not None else ''
    if wanted and result != wanted:
        detail = f' ({rejected.detail})' if rejected is not None else ''
        return (f'outcome {result} instead of {wanted}{detail}',)
    if rejected is not None:
        return () if wanted else (f'rejected: {rejected.detail}',)
    if result == 'not_fired':
        return () if wanted else ('it did not fire',)
    if expect is None:
        return ()
    found = []
    tier = recovery.tier if recovery else 'none'
    if expect.tier and tier != expect.tier:
        found.append(f'tier {tier} instead of {expect.tier}')
    if recovery is None:
        return tuple(found)
    if recovery.outcome != RecoveryEvent.RECOVERED and wanted != 'frame_lost':
        found.append('its frame was lost')
    most = expect.frames_lost_at_most
    if most is not None and recovery.frames_lost > most:
        found.append(f'{recovery.frames_lost} frames lost, at most {most} accepted')
    start = recovery.injected_ns or recovery.detected_ns
    total = (recovery.first_good_output_ns - start) / 1e6
    within = expect.recovers_within_ms
    if within is not None and total > within:
        found.append(f'{total:.1f} ms, goal {within:g} ms')
    return tuple(found)
