# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The comparison as text: a row per figure, a column per model."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from restage.bench.wording import number
from restage.sizing.settings import EVENTS, WORDS
from restage.sizing.wording import Model, every, joined, rate, ratio, recovery, size, times

Row = tuple[str, Callable[[Model], str]]

COSTS: Sequence[Row] = (
    ('input', lambda m: ' x '.join(map(str, m['input']))),
    ('weights', lambda m: f'{size(m["weights_bytes"])}, {m["parameters"] / 1e6:.2f} M'),
    ('frame, p50 / p99 ms', lambda m: times(m['frame_ms'])),
    ('checkpoints behind', lambda m: joined(m['checkpoint']['boundaries'])),
    ('checkpoints of a frame', lambda m: size(m['checkpoint']['bytes'])),
    ('writing them, p50 / p99 ms', lambda m: times(m['checkpoint']['commit_ms'], 2)),
    ('restoring one, p50 / p99 ms', lambda m: times(m['checkpoint']['restore_ms'], 2)),
    (
        'worst repetition, with / without, ms',
        lambda m: (
            f'{number(m["checkpoint"]["worst_ms"])} / {number(m["checkpoint"]["worst_without_ms"])}'
        ),
    ),
    ('range monitor', lambda m: 'yes' if m['calibrated'] else 'no calibration'),
    ('overhead of all, % of a frame (95 %)', lambda m: _overhead(m)),
    ('overhead of all, ms a frame', lambda m: _added(m)),
    ('all weights checked', lambda m: every(m['weights']['frames_per_round'])),
    ('checking all of them, ms', lambda m: times(m['weights']['check_ms'])),
    ('writing all anew, ms', lambda m: times(m['weights']['reload_ms'])),
    (
        'loading / warming up, ms',
        lambda m: ' / '.join(number(m['start'][key]['p50'], 0) for key in ('load_ms', 'warm_ms')),
    ),
)

RECOVERIES: Sequence[Row] = (
    ('camera', rate),
    *(
        (f'{WORDS[name]}: p50 / worst ms (n)', lambda m, name=name: recovery(m['recoveries'][name]))
        for name in EVENTS
    ),
    ('reset over resume, medians', lambda m: _reset_over(m, 'soft')),
    ('reset over failover, medians', lambda m: _reset_over(m, 'kill')),
    ('frames lost, mean: resume / failover / reset', lambda m: _lost(m)),
    ('same bits as without faults', lambda m: _same(m)),
)


def texts(rows: Sequence[Row], models: Sequence[Model]) -> list[list[str]]:
    """Return each of ``rows``: its name, and what it is for each model."""
    return [[name, *(text(model) for model in models)] for name, text in rows]


def lowered(models: Sequence[Model]) -> str:
    """Return what to know about the rates; nothing where none was lowered."""
    names = [model['title'] for model in models if model['pace']['lowered']]
    if not names:
        return ''
    return (
        f'The camera was slowed down for {", ".join(names)}, so that computing a frame takes half '
        'of its period at the most: at 30 Hz such a model would be late without any fault.'
    )


def _overhead(model: Model) -> str:
    found = model['overhead']
    if found is None:
        return '-'
    low, high = found['ci95']
    return f'{found["percent"]:.2f} ({low:.2f} to {high:.2f})'


def _added(model: Model) -> str:
    found = model['overhead']
    return '-' if found is None else f'{found["added_us"] / 1e3:.2f}'


def _reset_over(model: Model, name: str) -> str:
    found = model['recoveries']
    return ratio(found['reset']['p50_ms'], found[name]['p50_ms'])


def _lost(model: Model) -> str:
    return ' / '.join(number(model['recoveries'][name]['frames_lost_mean']) for name in EVENTS)


def _same(model: Model) -> str:
    wrong = sum(model['recoveries'][name]['wrong_frames'] for name in EVENTS)
    return f'NO: {wrong} frames differ' if wrong else 'yes'
