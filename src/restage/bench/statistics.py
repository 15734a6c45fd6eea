# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What the trials of one cell (an arm and a fault class) amount to."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from restage.bench.trial import Trial
from restage.report.bootstrap import median_interval

# The parts of a recovery, each from one time of a trial to another.
PHASES = {
    'detect': ('injected', 'detected'),
    'decide': ('detected', 'decided'),
    'restore': ('decided', 'restored'),
    'recompute': ('restored', 'first_good'),
}

# Two steps of the kernel's account.
DISTURBED_MS = 20.0


def cell_statistics(trials: Sequence[Trial], seed: int) -> dict[str, Any]:
    """
    Return the figures of one cell; times in ms, None where there is none.

    Masked trials needed no recovery and have no part in the times. A trial without good output
    counts as one that took for ever: a percentile that falls on it is None, and ``unrecovered``
    says how many there are. ``undisturbed``: the trials during which a hypervisor took no more than
    DISTURBED_MS away from the machine. p99 is the 'higher' order statistic, so the maximum up to
    n = 100.
    """
    totals = times_ms(trials)
    ends = median_interval(totals, seed)
    quiet = times_ms([trial for trial in trials if trial.stolen_ms <= DISTURBED_MS])
    lost = [trial.frames_lost for trial in trials]
    wrong = sum(trial.wrong for trial in trials)
    found: dict[str, Any] = {
        'n': len(trials),
        'n_timed': sum(map(math.isfinite, totals)),
        'unrecovered': sum(map(math.isinf, totals)),
        **_summary(totals),
        'p50_ci95_ms': None if ends is None else [finite(end) for end in ends],
    }
    for phase in PHASES:
        known = [time for trial in trials if (time := phase_ms(trial, phase)) is not None]
        found[f'{phase}_n'] = len(known)
        found.update({f'{phase}_{key}': value for key, value in _summary(known).items()})
    return found | {
        'undisturbed_n': len(quiet),
        **{f'undisturbed_{key}': value for key, value in _summary(quiet).items()},
        'frames_lost_mean': round(sum(lost) / len(lost), 3) if lost else None,
        'frames_lost_max': max(lost, default=None),
        'bit_identical': wrong == 0 if trials else None,
        'wrong_frames': wrong,
        'outcomes': dict(Counter(trial.outcome for trial in trials)),
        'detectors': dict(Counter(trial.detector for trial in trials if trial.detector)),
    }


def times_ms(trials: Sequence[Trial]) -> list[float]:
    """Return the total of each trial that was not masked, ms; infinite without good output."""
    totals = (trial.total_ms for trial in trials if trial.outcome != 'masked')
    return [math.inf if total is None else total for total in totals]


def phase_ms(trial: Trial, phase: str) -> float | None:
    """Return how long one of PHASES took, ms; None where either of its ends is not known."""
    start, end = (getattr(trial, f'{name}_ns') for name in PHASES[phase])
    return (end - start) / 1e6 if start and end else None


def tail(values: Sequence[float], quantile: float = 0.99) -> float:
    """Return the value at or above ``quantile``: one that was measured, never one between."""
    return float(np.percentile(np.asarray(values, np.float64), quantile * 100, method='higher'))


def finite(value: float) -> float | None:
    """Return ``value`` rounded for JSON; None for infinity, which JSON does not have."""
    return round(value, 3) if math.isfinite(value) else None


def _summary(values: Sequence[float]) -> dict[str, float | None]:
    if not values:
        return {'p50_ms': None, 'p99_ms': None, 'max_ms': None}
    p50 = float(np.median(np.asarray(values, np.float64)))
    return {'p50_ms': finite(p50), 'p99_ms': finite(tail(values)), 'max_ms': finite(max(values))}
