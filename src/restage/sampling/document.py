# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A campaign as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from restage.report.machine import machine, versions
from restage.sampling.metrics import summary
from restage.sampling.samplers.registry import RESTAGE, TOP_BIT, is_isimdl
from restage.sampling.series import Series
from restage.sampling.space import FaultSpace
from restage.sampling.truth import Truth, heat_map

SCHEMA = 1
# (what, the least it is to be)
GOALS = (
    ('isimdl_over_uniform', 10.0),
    ('restage_over_isimdl_times_diversity', 1.0),
    ('restage_over_top_bit_times_diversity', 1.0),
    ('restage_covers_truth', 0.9),
    ('speed_over_naive', 5.0),
)


def build(
    settings: Mapping[str, Any],
    model: Mapping[str, Any],
    space: FaultSpace,
    truth: Truth,
    series: Mapping[str, Sequence[Series]],
    speed: Mapping[str, Any],
) -> dict[str, Any]:
    """
    Return the results.

    :param series: the runs of each sampler.
    :param speed: of uniform faults of the whole ``model``, and of the ``population``.
    """
    found = {name: summary(runs, space, truth) for name, runs in series.items()}
    ratios = _ratios(found, truth.rate)
    return {
        'schema': SCHEMA,
        'samplers': found,
        'ground_truth': truth.as_data(),
        'ratios': ratios,
        'goals': _goals(found, ratios, speed),
        'population': {
            'faults': space.size,
            'elements': space.elements,
            'layers': list(space.layers),
            'positions': space.positions,
        },
        'heat_map': heat_map(space, truth),
        'speed': dict(speed),
        'settings': dict(settings),
        'model': dict(model),
        'machine': machine(),
        'versions': versions(),
    }


def _ratios(found: Mapping[str, Any], rate: float) -> dict[str, Any]:
    """
    Return how many times one sampler's precision is another's; None where one is missing.

    Uniform draws have ``rate`` as their precision; what a few of them happened to have is left out.
    """
    variants = [name for name in found if is_isimdl(name)]

    def best(figure: str) -> str:
        return max(variants, key=lambda name: float(found[name][figure]), default='')

    def ratio(one: str, other: str, figure: str = 'precision_at_100') -> float | None:
        if one not in found or other not in found or not found[other][figure]:
            return None
        return round(float(found[one][figure]) / float(found[other][figure]), 3)

    def over_uniform(name: str) -> float | None:
        if name not in found or not rate:
            return None
        return round(float(found[name]['precision_at_100']) / rate, 3)

    index = 'precision_times_diversity'
    return {
        'isimdl_best': best('precision_at_100'),
        'isimdl_over_uniform': over_uniform(best('precision_at_100')),
        'restage_over_uniform': over_uniform(RESTAGE),
        'restage_over_isimdl': ratio(RESTAGE, best('precision_at_100')),
        'restage_over_top_bit': ratio(RESTAGE, TOP_BIT),
        'restage_over_isimdl_times_diversity': ratio(RESTAGE, best(index), index),
        'restage_over_top_bit_times_diversity': ratio(RESTAGE, TOP_BIT, index),
    }


def _goals(
    found: Mapping[str, Any], ratios: Mapping[str, Any], speed: Mapping[str, Any]
) -> list[dict[str, Any]]:
    estimates = found.get(RESTAGE, {}).get('estimates')
    measured = {
        **ratios,
        'restage_covers_truth': estimates['covers_truth']['value'] if estimates else None,
        'speed_over_naive': speed['model']['ratio'],
    }
    goals = []
    for what, least in GOALS:
        value = measured[what]
        met = None if value is None else value >= least
        goals.append({'what': what, 'goal': f'at least {least:g}', 'measured': value, 'met': met})
    return goals
