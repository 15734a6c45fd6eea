# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What of an episode did not hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from restage_msgs.msg import FaultEvent

from restage.faults.taxonomy import find_kind
from restage.soak.accounts import Window
from restage.soak.bounds import bound_ms, is_single, kinds_of, silence_bound_ms
from restage.soak.conduct import Struck
from restage.soak.episode import RECOVERY, Episode
from restage.soak.permits import Permits
from restage.soak.settings import SoakSettings
from restage.soak.watch import Heard

GAP_1 = 'recovery.md, gap 1: published between handing over and noting'
GAP_7 = 'recovery.md, gap 7: lost while there was no recovery node'
GAP_13 = 'recovery.md, gap 13: a healthy process was taken for hung'
OVERLOAD = 'recovery.md, None lost: the machine did not keep up, it had no core idle'
UNCERTAIN = 'recovery.md, what is not certain: a sound frame was computed twice'
# How a process may end that nobody has sent a signal: by the recovery node, which took it for hung.
KILLED = -9
# What damage to the memory ends in is chance.
_CRASHES = {-11: ('proc.segv', 'mem.'), -6: ('proc.abort', 'mem.')}
_DETECTOR = 'detection_'
# Kinds that nobody could overlook.
_RECORDED = ('nn.stage.exception', 'timing.hang', 'timing.stop', 'proc.', 'mem.null_deref')


@dataclass(frozen=True)
class Complaint:
    """An invariant that does not hold, what is wrong, and the documented limit if there is one."""

    invariant: str
    text: str
    frame_ns: int = 0
    documented: str = ''


@dataclass(frozen=True, kw_only=True)
class Facts:
    """
    What is known of an episode, or of the quiet after it, when it is judged.

    ``busy``: the machine had no core to spare.
    """

    episode: Episode
    window: Window
    heard: Heard
    recoveries: Sequence[Mapping[str, Any]]
    struck: Sequence[Struck]
    stolen_ms: float
    quiet: bool = False
    busy: bool = False


def judge(facts: Facts, permits: Permits, settings: SoakSettings) -> Iterator[Complaint]:
    """Yield what does not hold in an episode or its quiet phase."""
    yield from _frames(facts, permits)
    if facts.quiet:
        yield from _undisturbed(facts)
    else:
        yield from _recoveries(facts, settings)
        yield from _records(facts)
    yield from _exits(facts)


def _frames(facts: Facts, permits: Permits) -> Iterator[Complaint]:
    window = facts.window
    handed_over = {
        row['frame_ns'] for row in facts.recoveries if set(row['tiers']) & {'failover', 'restart'}
    }
    leaderless = any(one.blow.target == RECOVERY for one in facts.struck)
    for stamp_ns in window.twice:
        known = stamp_ns in handed_over or leaderless
        documented = GAP_1 if known else ''
        yield Complaint('once', 'a frame came out twice', stamp_ns, documented)
    for stamp_ns in window.late:
        yield Complaint('order', 'a frame came out after a newer one', stamp_ns)
    for stamp_ns in window.invented:
        yield Complaint('once', 'detections of a frame that no camera published', stamp_ns)
    for stamp_ns in window.differing:
        if not permits.why(stamp_ns):
            text = 'the detections are not those of the fault-free run'
            yield Complaint('bits', text, stamp_ns)


def _undisturbed(facts: Facts) -> Iterator[Complaint]:
    kills = [row for row in facts.recoveries if row['detector'] in ('stage_deadline', 'heartbeat')]
    for row in facts.recoveries:
        documented = ''
        if row in kills:
            documented = GAP_13
        elif row['detector'] in ('range', 'plausibility'):
            documented = UNCERTAIN
        text = f'an error nobody injected: {row["detector"]} in {row["node"]}: {row["error"]}'
        yield Complaint('quiet', text, row['frame_ns'], documented)
    for stamp_ns, why in facts.window.lost.items():
        text = f'a frame was lost in quiet: {why or "nobody said why"}'
        late = OVERLOAD if facts.busy and why == 'queue_full' else ''
        yield Complaint('quiet', text, stamp_ns, GAP_13 if kills else late)


def _recoveries(facts: Facts, settings: SoakSettings) -> Iterator[Complaint]:
    bound = bound_ms(facts.episode, settings, facts.stolen_ms)
    for row in facts.recoveries:
        what = f'{row["kind"]} ({row["detector"]}, {", ".join(row["tiers"])})'
        if row['outcome'] == 'failed' or row['total_ms'] is None:
            yield Complaint('recovery', f'no tier helped: {what}', row['frame_ns'])
        elif row['total_ms'] > bound:
            text = f'{what} took {row["total_ms"]:.1f} ms, accepted: {bound:.1f}'
            yield Complaint('bound', text, row['frame_ns'])
    bound = silence_bound_ms(facts.episode, settings, facts.stolen_ms)
    if facts.window.silence_ms > bound:
        text = f'nothing came out for {facts.window.silence_ms:.1f} ms, accepted: {bound:.1f}'
        yield Complaint('bound', text)


def _records(facts: Facts) -> Iterator[Complaint]:
    """Yield single faults that must have led to a recovery, and did not."""
    if not is_single(facts.episode):
        return
    known = {row['fault_id'] for row in facts.recoveries}
    for event in facts.heard.faults:
        kind = event.kind
        due = event.state == FaultEvent.FIRED and kind.startswith(_RECORDED)
        if due and event.id not in known and find_kind(kind).place.value == 'primary':
            yield Complaint('record', f'{kind} fired, and no recovery was recorded')


def _exits(facts: Facts) -> Iterator[Complaint]:
    kinds = kinds_of(facts.episode)
    signalled = [one.node for one in facts.struck]
    for node, status, _ in facts.heard.exits:
        if node in signalled and not facts.quiet:
            continue
        if status == KILLED:
            if facts.quiet:
                yield Complaint('quiet', f'{node} was killed', documented=GAP_13)
        elif facts.quiet or not _explained(node, status, kinds):
            yield Complaint('crash', f'{node} ended with status {status}, which nothing explains')


def _explained(node: str, status: int, kinds: Sequence[str]) -> bool:
    causes = _CRASHES.get(status, ('mem.',))
    return node.startswith(_DETECTOR) and any(kind.startswith(causes) for kind in kinds)
