# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What a sampler is worth: precision, diversity, recall, and its estimate of the rate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from restage.coverage.proportion import proportion
from restage.report.bootstrap import LEAST_FOR_INTERVAL, interval, resampled
from restage.sampling.samplers.base import Doubles, Flags
from restage.sampling.series import Series
from restage.sampling.space import FaultSpace, Integers
from restage.sampling.truth import Truth

FIRST = 100  # draws that precision and diversity are compared at
STEP = 5  # draws between two points of a curve
DIGITS = 5
BOOTSTRAP_SEED = 3


def diversity(space: FaultSpace, faults: Integers) -> dict[str, float]:
    """
    Return how many different faults, layers, neurons and bits there are among ``faults``.

    ``cells`` are layer x bit; ``effective_cells`` is their Hill number of order 1 (Hill 1973), the
    exponential of the entropy: as many equally frequent cells would be as diverse.
    """
    different = np.unique(faults)
    elements, bits = np.divmod(different, space.positions)
    layers = space.layer[elements]
    _, counts = np.unique(layers * space.positions + bits, return_counts=True)
    shares = counts / max(1, int(counts.sum()))
    return {
        'faults': len(different),
        'layers': len(np.unique(layers)),
        'neurons': len(np.unique(space.neuron[elements])),
        'bits': len(np.unique(bits)),
        'cells': len(counts),
        'effective_cells': float(np.exp(-np.sum(shares * np.log(shares)))) if len(counts) else 0.0,
    }


def precision_curve(runs: Sequence[Flags]) -> dict[str, list[float]]:
    """Return critical among the first n / n: the mean over ``runs`` and their middle 95 %."""
    length = min(len(flags) for flags in runs)
    places = np.unique([*range(STEP, length + 1, STEP), length])
    each = np.array([np.cumsum(flags[:length]) / np.arange(1, length + 1) for flags in runs])
    chosen = each[:, places - 1]
    low, high = np.percentile(chosen, [2.5, 97.5], axis=0)
    return {
        'n': places.tolist(),
        'mean': chosen.mean(axis=0).round(DIGITS).tolist(),
        'low': low.round(DIGITS).tolist(),
        'high': high.round(DIGITS).tolist(),
    }


def summary(series: Sequence[Series], space: FaultSpace, truth: Truth) -> dict[str, Any]:
    """Return the figures of one sampler over its runs."""
    first = [one.critical[:FIRST] for one in series]
    precision = np.array([flags.mean() for flags in first])
    hits = [one.draws.faults[:FIRST][flags] for one, flags in zip(series, first, strict=True)]
    each = [diversity(space, faults) for faults in hits]
    index = precision * np.array([one['effective_cells'] for one in each])
    found = [len(np.unique(one.draws.faults[one.critical])) for one in series]
    seconds = sum(one.seconds for one in series)
    return {
        'precision_at_100': _rounded(precision.mean()),
        'precision_ci95': _mean_interval(precision, first),
        'precision_times_diversity': _rounded(index.mean()),
        'recall': _rounded(np.mean(found) / truth.critical) if truth.critical else None,
        'distinct_critical': _rounded(np.mean([one['faults'] for one in each])),
        'diversity': {name: _rounded(np.mean([one[name] for one in each])) for name in each[0]},
        **_rate(series, truth),
        'faults_per_s': _rounded(sum(len(one.critical) for one in series) / max(seconds, 1e-9)),
        'draws': [len(one.critical) for one in series],
        'trials_per_critical': _trials(series),
        'curve': precision_curve([one.critical for one in series]),
    }


def _trials(series: Sequence[Series]) -> float | None:
    """Return draws per different critical fault, over all runs; None when there was none."""
    found = sum(len(np.unique(one.draws.faults[one.critical])) for one in series)
    return _rounded(sum(len(one.critical) for one in series) / found) if found else None


def _rate(series: Sequence[Series], truth: Truth) -> dict[str, Any]:
    """
    Return the estimate of the first run, and how those of all runs meet the truth.

    Where the truth is itself a sample, an interval counts as covering it when the two overlap.
    """
    known = [one.estimate for one in series if one.estimate is not None]
    if not known:
        nothing = {'sdc_rate': None, 'sdc_rate_ci95': None, 'effective_sample_size': None}
        return {**nothing, 'estimates': None}
    rates = np.array([one.rate for one in known])
    covered = [one.low <= truth.high and one.high >= truth.low for one in known]
    spread = float(rates.std(ddof=1)) if len(rates) > 1 else 0.0
    return {
        'sdc_rate': _rounded(known[0].rate),
        'sdc_rate_ci95': [_rounded(known[0].low), _rounded(known[0].high)],
        'effective_sample_size': _rounded(known[0].effective),
        'estimates': {
            'mean': _rounded(rates.mean()),
            'standard_error': _rounded(spread / np.sqrt(len(rates))),
            'standard_deviation': _rounded(spread),
            'bias': _rounded(rates.mean() - truth.rate),
            'half_width': _rounded(np.mean([one.half_width for one in known])),
            'covers_truth': proportion(sum(covered), len(covered)),
        },
    }


def _mean_interval(precision: Doubles, first: Sequence[Flags]) -> list[float]:
    """Return the 95 % interval of the mean over runs; of too few, Wilson's of all their draws."""
    if len(precision) < LEAST_FOR_INTERVAL:
        draws = np.concatenate(first)
        found = proportion(int(draws.sum()), len(draws))['ci95']
        assert isinstance(found, list)
        return found
    low, high = interval(precision[resampled(len(precision), BOOTSTRAP_SEED)].mean(axis=1))
    return [_rounded(low), _rounded(high)]


def _rounded(value: Any) -> float:
    return round(float(value), DIGITS)
