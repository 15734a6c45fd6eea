# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The cells of a study: what its trials came to, by framework and mistake."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from signal import Signals
from typing import Any

from restage.report.summary import summarize
from restage.study.outcome import Outcome
from restage.study.record import START_PHASES, TrialRecord
from restage.study.tiers import response_to


def cell_of(records: Sequence[TrialRecord]) -> dict[str, Any]:
    """Return the numbers of one cell."""
    outcomes = Counter(record.outcome for record in records)
    usable = sum(record.usable for record in records)
    return {
        'n': len(records),
        'outcomes': {outcome.value: outcomes[outcome.value] for outcome in Outcome},
        'usable_after': round(usable / len(records), 4),
        'reset_ms': reset_ms(records),
        'known_after_ms': known_after_ms(records),
        'later': _counted(record.later for record in records),
        'signals': _counted(_signal(record.signal) for record in records),
        'errors': _counted(record.error[:160] for record in records),
        'said': _counted(record.said for record in records if record.signal is not None),
        'sdc': _sdc([record for record in records if record.outcome == Outcome.SDC.value]),
        'restage': _counted(response_to(record.as_data()) for record in records),
    }


def empty_cell(**why: str) -> dict[str, Any]:
    """Return a cell without trials: ``not_possible`` through this API, or ``not_run``."""
    return {
        'n': 0,
        'outcomes': {outcome.value: 0 for outcome in Outcome},
        'usable_after': None,
        'reset_ms': None,
        **why,
    }


def reset_ms(records: Sequence[TrialRecord]) -> dict[str, Any]:
    """Return what a new process took to a right answer: each phase, and all of them."""
    starts = [record.start_ms for record in records if record.start_ms]
    found = {name: summarize([start[name] for start in starts]) for name in START_PHASES}
    return {**found, 'total': summarize([sum(start.values()) for start in starts])}


def known_after_ms(records: Sequence[TrialRecord]) -> dict[str, Any]:
    """Return how long it took from the mistake until somebody could know, where that was so."""
    return summarize([one.known_after_ms for one in records if one.known_after_ms is not None])


def _counted(words: Any) -> dict[str, int]:
    return dict(Counter(word for word in words if word).most_common())


def _signal(number: int | None) -> str:
    return '' if number is None else Signals(number).name


def _sdc(records: Sequence[TrialRecord]) -> dict[str, Any]:
    """Return by how much wrong outputs were wrong, in numbers and as detections."""
    differences: list[Mapping[str, Any]] = [one.difference for one in records if one.difference]
    shaped = [one for one in differences if one['lost'] is not None]
    return {
        'largest': summarize([one['largest'] for one in shaped]),
        'other_shape': len(differences) - len(shaped),
        'with_not_finite': sum(one['not_finite'] > 0 for one in shaped),
        'objects_changed': sum(
            bool(one['lost'] or one['ghosts'] or one['moved']) for one in shaped
        ),
        **{name: sum(one[name] for one in shaped) for name in ('lost', 'ghosts', 'moved')},
        'seen': _counted(record.seen for record in records),
    }
