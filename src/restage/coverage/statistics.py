# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Precision, recall, false alarms and latency of the error detectors, and outcomes by kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from restage.coverage.outcome import Outcome
from restage.coverage.proportion import proportion
from restage.coverage.trial import CleanFrame, FaultTrial
from restage.report.summary import summarize

Seen = Callable[[FaultTrial], bool]


def outcomes(trials: Sequence[FaultTrial]) -> dict[str, int]:
    """Return the number of trials by outcome; those of ``sdc`` that are critical also apart."""
    counts = Counter(trial.outcome for trial in trials)
    critical = sum(trial.outcome == Outcome.SDC and trial.critical for trial in trials)
    return {**{one.value: counts[one.value] for one in Outcome}, 'sdc_critical': critical}


def quality(
    trials: Sequence[FaultTrial], seen: Seen, false_alarms: int, clean_frames: int
) -> dict[str, Any]:
    """
    Return what a detector, or all of them together, is worth.

    ``precision``: of all alarms, on faults and on clean frames, those with something corrupted
    behind them. ``precision_critical``: those whose fault would have been critical.
    ``recall_critical``: of the critical faults, those seen before anything was published.
    """
    alarms = [trial for trial in trials if seen(trial)]
    critical = [trial for trial in trials if trial.critical]
    silent = [trial for trial in critical if trial.outcome == Outcome.SDC]
    total = len(alarms) + false_alarms
    return {
        'alarms': len(alarms),
        'precision': proportion(sum(trial.changed for trial in alarms), total),
        'precision_critical': proportion(sum(trial.critical for trial in alarms), total),
        'recall_critical': proportion(sum(map(seen, critical)), len(critical)),
        'recall_sdc_critical': proportion(sum(map(seen, silent)), len(silent)),
        'recall_changed': proportion(
            sum(seen(trial) for trial in trials if trial.changed),
            sum(trial.changed for trial in trials),
        ),
        'false_positive_rate': proportion(false_alarms, clean_frames),
    }


def detector_quality(
    name: str, trials: Sequence[FaultTrial], frames: Sequence[CleanFrame]
) -> dict[str, Any]:
    """Return what the detector called ``name`` is worth by itself, and how fast it is."""
    found = quality(
        trials,
        lambda trial: name in trial.alarms,
        sum(name in frame.alarms for frame in frames),
        len(frames),
    )
    only = [trial for trial in trials if set(trial.alarms) == {name} and trial.critical]
    latencies = [trial.alarms[name] / 1e3 for trial in trials if name in trial.alarms]
    summary = summarize(latencies)
    summary.pop('samples', None)
    return {**found, 'critical_seen_by_it_alone': len(only), 'latency_ms': summary}


def stack_quality(trials: Sequence[FaultTrial], frames: Sequence[CleanFrame]) -> dict[str, Any]:
    """Return what all detectors together are worth."""
    return quality(
        trials,
        lambda trial: bool(trial.alarms),
        sum(bool(frame.alarms) for frame in frames),
        len(frames),
    )


def by_kind(trials: Sequence[FaultTrial]) -> dict[str, dict[str, Any]]:
    """Return outcomes and recall by kind of fault; ``ivmod``: share of critical silent ones."""
    found = {}
    for kind in dict.fromkeys(trial.kind for trial in trials):
        own = [trial for trial in trials if trial.kind == kind]
        critical = [trial for trial in own if trial.critical]
        counts = outcomes(own)
        found[kind] = {
            'n': len(own),
            'outcomes': counts,
            'ivmod': proportion(counts['sdc_critical'], len(own)),
            'recall_critical': proportion(
                sum(bool(trial.alarms) for trial in critical), len(critical)
            ),
        }
    return found
