# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The growth as JSON."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from restage.report.machine import machine, versions
from restage.scale.figures import FIGURES, SERIES
from restage.scale.growth import growth

SCHEMA = 1


def build(
    models: Sequence[Mapping[str, Any]],
    series: Mapping[str, Sequence[str]],
    settings: Mapping[str, Any],
) -> dict[str, Any]:
    """
    Return the results; times in ms, those of the raw trials in ns on CLOCK_MONOTONIC.

    :param models: as `measure_model` returns them.
    :param series: names of models by the name of the series; those not measured are left out.
    """
    known = {model['name']: model for model in models}
    there = {name: [one for one in names if one in known] for name, names in series.items()}
    return {
        'schema': SCHEMA,
        'series': {
            name: _series(name, [known[one] for one in names]) for name, names in there.items()
        },
        'models': list(models),
        'settings': {**settings, 'command': shlex.join(['restage', *sys.argv[1:]])},
        'machine': machine(),
        'versions': versions(),
    }


def _series(name: str, models: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    xs = [SERIES[name].size(model) for model in models]
    laws = {
        key: growth(xs, [figure.value(model) for model in models])
        for key, figure in FIGURES.items()
    }
    return {
        'against': SERIES[name].title,
        'models': [model['name'] for model in models],
        'x': xs,
        'growth': {key: None if law is None else asdict(law) for key, law in laws.items()},
    }
