# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The cells as tables in the terminal, 100 columns wide at the most."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from restage.bench.summary_tables import (
    bandwidth_table,
    cost_table,
    goal_table,
    missed,
    ratio_table,
)
from restage.bench.wording import Cell, cell_time, interval, lost, number, why_empty

Document = Mapping[str, Any]
_SHORT = {'not applicable': 'n/a', 'not run': '-'}


def show(document: Document, console: Console) -> None:
    """Print every table of the document and, in words, which goals were missed."""
    tables = [overview_table(document)]
    tables += [arm_table(document, arm) for arm in document['arms'] if _ran(document, arm)]
    tables += [found(document) for found in (ratio_table, cost_table, bandwidth_table, goal_table)]
    for table in tables:
        if table.row_count:
            console.print(table)
            console.print()
    console.print(document['percentiles'], style='dim', highlight=False)
    for line in missed(document):
        console.print(line, style='bold red', highlight=False)


def overview_table(document: Document) -> Table:
    """Return the median totals: a row per fault class, a column per arm."""
    table = _table('Median from the injection to the next good output (ms)')
    table.add_column('fault class', no_wrap=True)
    for arm in document['arms']:
        table.add_column(arm.replace('_', '\n', 1), justify='right', no_wrap=True)
    faults = next(iter(document['arms'].values()))
    for fault in faults:
        cells = [document['arms'][arm][fault] for arm in document['arms']]
        table.add_row(fault, *map(_median, cells))
    return table


def arm_table(document: Document, arm: str) -> Table:
    """Return one arm: a row per fault class that was run in it, times in ms."""
    table = _table(f'{arm} (ms from the injection)')
    table.add_column('fault class', no_wrap=True)
    for name in ('n', 'p50', '95 % of p50', 'p99', 'max', 'detect\np50', 'lost\nmean / max'):
        table.add_column(name, justify='right', no_wrap=True)
    table.add_column('same\nbits', no_wrap=True)
    table.add_column('outcomes', overflow='fold')
    for fault, cell in document['arms'][arm].items():
        if cell['n']:
            table.add_row(fault, *_figures(cell))
    return table


def _figures(cell: Cell) -> list[str]:
    times = [cell_time(cell, key) for key in ('p50_ms', 'p99_ms', 'max_ms')]
    outcomes = ', '.join(f'{count} {name}' for name, count in cell['outcomes'].items())
    same = '[green]yes' if cell['bit_identical'] else f'[red]NO, {cell["wrong_frames"]}'
    return [
        str(cell['n']),
        f'[bold]{times[0]}',
        interval(cell),
        *times[1:],
        number(cell['detect_p50_ms']),
        lost(cell),
        same,
        outcomes,
    ]


def _median(cell: Cell) -> str:
    empty = why_empty(cell)
    return f'[dim]{_SHORT.get(empty, empty.split(" (")[0])}' if empty else cell_time(cell, 'p50_ms')


def _ran(document: Document, arm: str) -> bool:
    return any(cell['n'] for cell in document['arms'][arm].values())


def _table(title: str) -> Table:
    return Table(
        title=title, box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False
    )
