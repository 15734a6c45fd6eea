# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Which recovery stands for its fault class, and what it consists of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

UNSPLIT = 'not told apart'
# A recovery so many times as long as the others is cut, or it would hide their phases.
CUT = 4.0
_TIMES = {
    'detect': 'detected_ns',
    'decide': 'decided_ns',
    'restore': 'restored_ns',
    'recompute': 'first_good_ns',
}


@dataclass(frozen=True)
class Recovery:
    """The median trial of the arm that is best for ``fault``; its phases in ms, in order."""

    fault: str
    arm: str
    total_ms: float
    phases: tuple[tuple[str, float], ...]


def recoveries(
    document: Mapping[str, Any], without: Sequence[str] = ('process_reset',)
) -> list[Recovery]:
    """Return one recovery for each class that recovered in any arm not named in ``without``."""
    found = []
    for fault in next(iter(document['arms'].values())):
        medians = {
            arm: row[fault]['p50_ms']
            for arm, row in document['arms'].items()
            if arm not in without and row[fault]['p50_ms'] is not None
        }
        if medians:
            arm = min(medians, key=lambda name: float(medians[name]))
            trial = _median(document['trials'], arm, fault)
            found.append(Recovery(fault, arm, float(trial['total_ms']), phases(trial)))
    return found


def phases(trial: Mapping[str, Any]) -> tuple[tuple[str, float], ...]:
    """Return the phases of a raw trial in ms; those with an unknown end between them as one."""
    found = []
    start, whole = trial['injected_ns'], True
    for name, key in _TIMES.items():
        end = trial[key]
        if not end:
            whole = False
            continue
        found.append((name if whole else UNSPLIT, (end - start) / 1e6))
        start, whole = end, True
    return tuple(found)


def longest_uncut(totals: Sequence[float]) -> float:
    """Return the longest total that is not CUT times the median or more, ms."""
    if not totals:
        return 1.0
    middle = sorted(totals)[len(totals) // 2]
    return max(total for total in totals if total <= CUT * middle)


def _median(trials: Sequence[Mapping[str, Any]], arm: str, fault: str) -> Mapping[str, Any]:
    """Return the trial in the middle, the slower one of two; those without output are slowest."""
    own = [
        trial
        for trial in trials
        if (trial['arm'], trial['fault']) == (arm, fault) and trial['outcome'] != 'masked'
    ]
    own.sort(key=lambda trial: (trial['total_ms'] is None, trial['total_ms'] or 0.0))
    timed = [trial for trial in own if trial['total_ms'] is not None]
    return timed[min(len(own) // 2, len(timed) - 1)]
