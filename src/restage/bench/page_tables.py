# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The tables of the page about the cells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from restage.bench.statistics import PHASES
from restage.bench.wording import Cell, cell_time, flat, interval, lost, number, why_empty
from restage.report.markup import Marked, Text, table

_KINDS = {True: 'good', False: 'bad', None: 'quiet'}


def matrix(document: Mapping[str, Any]) -> str:
    """Return the totals: a row per fault class, a column per arm."""
    arms = document['arms']
    faults = next(iter(arms.values()))
    rows = [[fault, *(_totals(arms[arm][fault]) for arm in arms)] for fault in faults]
    caption = 'Injection to the next good output, ms: p50 / p99 / max, and the number of trials'
    return table(caption, ['fault class', *arms], rows)


def details(document: Mapping[str, Any], arm: str) -> str:
    """Return all figures of one arm; nothing if it was not run."""
    cells = {fault: cell for fault, cell in document['arms'][arm].items() if cell['n']}
    headers = ['fault class', 'n', 'p50', '95 % of p50', 'p99', 'max']
    headers += [f'{phase} p50 / p99' for phase in PHASES]
    headers += ['frames lost, mean / max', 'bit-identical', 'outcomes', 'seen by']
    rows = [[fault, *_figures(cell)] for fault, cell in cells.items()]
    return table(f'{arm}: times in ms', headers, rows) if rows else ''


def _totals(cell: Cell) -> Text:
    empty = why_empty(cell)
    if empty:
        return Marked(empty, 'bad' if cell['unrecovered'] else 'quiet')
    times = ' / '.join(cell_time(cell, f'{key}_ms') for key in ('p50', 'p99', 'max'))
    return f'{times} (n {cell["n"]})'


def _figures(cell: Cell) -> list[Text]:
    same = cell['bit_identical']
    phases = [
        f'{number(cell[f"{phase}_p50_ms"])} / {number(cell[f"{phase}_p99_ms"])}' for phase in PHASES
    ]
    return [
        str(cell['n']),
        cell_time(cell, 'p50_ms'),
        interval(cell),
        cell_time(cell, 'p99_ms'),
        cell_time(cell, 'max_ms'),
        *phases,
        lost(cell),
        Marked('yes' if same else f'NO: {cell["wrong_frames"]} wrong', _KINDS[same]),
        flat(cell['outcomes']),
        flat(cell['detectors']),
    ]
