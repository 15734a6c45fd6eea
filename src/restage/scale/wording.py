# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""How growth is written for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from restage.bench.wording import number
from restage.scale.figures import FIGURES, SERIES
from restage.sizing.wording import Model, rate, recovery, size

EXPLAINED = (
    'Growth: least squares on the logarithms of the medians; y grows as x to that power. In '
    "brackets the 95 % interval by Student's t, which gets wide where the points lie on a curve: a "
    'fixed part and one that grows.'
)
HEADERS = (
    'weights',
    'input',
    'frame ms',
    'checkpoints',
    'write ms',
    'restore ms',
    'check weights ms',
    'reload ms',
    'resume: p50 / worst (n)',
    'failover: p50 / worst (n)',
    'reset: p50 / worst (n)',
    'camera',
)


def row(model: Model) -> list[str]:
    """Return the figures of one model, as HEADERS names them."""
    checkpoint, weights = model['checkpoint'], model['weights']
    medians = [checkpoint['commit_ms'], checkpoint['restore_ms']]
    medians += [weights['check_ms'], weights['reload_ms']]
    return [
        size(model['weights_bytes']),
        ' x '.join(map(str, model['input'])),
        number(model['frame_ms']['p50']),
        size(checkpoint['bytes']),
        *(number(one.get('p50'), 2) for one in medians),
        *(recovery(model['recoveries'][name]) for name in ('soft', 'kill', 'reset')),
        rate(model),
    ]


def law(found: Mapping[str, Any] | None) -> str:
    """Return an exponent with its interval; '-' where there are too few points."""
    if found is None:
        return '-'
    ends = found['ci95']
    interval = '' if ends is None else f' ({ends[0]:.2f} to {ends[1]:.2f})'
    return f'{found["exponent"]:.2f}{interval}'


def laws(document: Mapping[str, Any]) -> list[list[str]]:
    """Return each figure with its exponents, one for each series."""
    series = document['series']
    return [
        [figure.title, *(law(series[name]['growth'][key]) for name in SERIES)]
        for key, figure in FIGURES.items()
    ]


def law_headers() -> list[str]:
    """Return the headers of `laws`."""
    return ['what', *(f'power of the {one.title}' for one in SERIES.values())]
