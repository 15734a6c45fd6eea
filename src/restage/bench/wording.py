# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""How figures are written for people, in the terminal, in the pictures and on the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Cell = Mapping[str, Any]


def number(value: float | None, digits: int = 1) -> str:
    """Return ``value`` with so many digits; fewer for thousands; '-' for None."""
    if value is None:
        return '-'
    return f'{value:.0f}' if abs(value) >= 1000 else f'{value:.{digits}f}'


def duration(time_ms: float) -> str:
    """Return a time in ms with its unit, in seconds from one second on."""
    return f'{time_ms / 1000:.2f} s' if time_ms >= 1000 else f'{time_ms:.1f} ms'


def cell_time(cell: Cell, key: str) -> str:
    """Return a total in ms; ``never`` where it falls on a trial that did not recover."""
    if cell[key] is None and cell['unrecovered']:
        return 'never'
    return number(cell[key])


def interval(cell: Cell) -> str:
    """Return the 95 % interval of the median, ms; '-' where there are too few trials."""
    ends = cell['p50_ci95_ms']
    return '-' if ends is None else '..'.join('never' if x is None else number(x) for x in ends)


def why_empty(cell: Cell) -> str:
    """Return why a cell has no times: not applicable, not run, masked or never recovered."""
    if 'not_applicable' in cell:
        return 'not applicable'
    if not cell['n']:
        return 'not run'
    if cell['n_timed']:
        return ''
    return f'never recovered (n {cell["n"]})' if cell['unrecovered'] else f'masked (n {cell["n"]})'


def lost(cell: Cell) -> str:
    """Return the mean and the largest number of frames lost."""
    return f'{number(cell["frames_lost_mean"], 2)} / {cell["frames_lost_max"]}'


def verdict(met: bool | None) -> str:
    """Return what is said of a goal."""
    return {True: 'met', False: 'MISSED', None: 'not measured'}[met]


def measured(goal: Cell) -> str:
    """Return a goal's figure with its unit; ``never`` where the p99 did not recover."""
    value = goal['measured']
    if value is None:
        return 'never' if goal['met'] is False else '-'
    text = {True: 'yes', False: 'no'}[value] if isinstance(value, bool) else f'{value:g}'
    return f'{text} {goal["unit"]}'.rstrip()


def flat(text: Any) -> str:
    """Return a value of the settings or of a raw entry as text: floats short, lists joined."""
    if isinstance(text, float):
        return f'{text:.4g}'
    if isinstance(text, Mapping):
        return ', '.join(f'{key}: {flat(value)}' for key, value in text.items())
    if isinstance(text, list | tuple):
        return ', '.join(map(flat, text))
    return str(text)


def heading(key: str) -> str:
    """Return the heading of a column of raw entries."""
    return key.replace('_gb_s', '_GB/s').replace('_', ' ')
