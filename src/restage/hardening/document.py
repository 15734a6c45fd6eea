# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What hardening came to, as JSON."""

from __future__ import annotations

from typing import Any

import numpy as np

from restage.hardening.outcome import Hardened
from restage.hardening.settings import HardenSettings
from restage.report.bootstrap import interval, resampled
from restage.report.machine import machine, versions
from restage.sampling.samplers.registry import RESTAGE, UNIFORM

SCHEMA = 1
GOAL_RATIO = 12.0
GOAL_LOSS = 0.005
BOOTSTRAP_SEED = 4


def build(settings: HardenSettings, hardened: Hardened) -> dict[str, Any]:
    """Return the results."""
    costs, found = hardened.costs, hardened.variants
    search_costs = {
        name: {
            'trials': one.trials,
            'critical': len(one.critical),
            'trials_per_critical': None
            if one.trials_per_critical is None
            else round(one.trials_per_critical, 3),
        }
        for name, one in costs.items()
    }
    uniform = costs[UNIFORM].trials_per_critical
    ratios = {
        name: round(uniform / one.trials_per_critical, 3)
        for name, one in costs.items()
        if uniform and one.trials_per_critical
    }
    loss = found['as it was']['clean_accuracy'] - found['both']['clean_accuracy']
    gains = np.subtract(found['clipped']['damage'], found['both']['damage'])
    low, high = interval(gains[resampled(len(gains), BOOTSTRAP_SEED)].mean(axis=1))
    ratio = ratios.get(RESTAGE)
    goals = [
        _goal('fewer_trials_than_uniform', f'above {GOAL_RATIO:g}', ratio, GOAL_RATIO, 1),
        _goal('clean_accuracy_lost', f'at most {GOAL_LOSS:g}', round(loss, 5), GOAL_LOSS, -1),
        _goal('gain_over_clipping', 'above 0', round(float(gains.mean()), 5), 0.0, 1),
    ]
    return {
        'schema': SCHEMA,
        'variants': found,
        'search': search_costs,
        'times_fewer_trials_than_uniform': ratios,
        'gain_over_clipping_ci95': [round(low, 5), round(high, 5)],
        'goals': goals,
        'ranges': hardened.ranges,
        'settings': settings.as_data(),
        'machine': machine(),
        'versions': versions(),
    }


def _goal(what: str, words: str, value: float | None, limit: float, sense: int) -> dict[str, Any]:
    met = None
    if value is not None:
        met = value > limit if sense > 0 else value <= limit
    return {'what': what, 'goal': words, 'measured': value, 'met': met}
