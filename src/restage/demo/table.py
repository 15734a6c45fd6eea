# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The run as a table in the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from restage.demo.rows import FaultRow

_PHASES = {
    'detect': ('detected', None),
    'decide': ('decided', 'detected'),
    'restore': ('restored', 'decided'),
    'resume': ('resumed', 'restored'),
}


def make_table(rows: Sequence[FaultRow]) -> Table:
    """Return a row per fault; each phase in ms from the end of the one before, total at the end."""
    table = Table(
        title='Faults and recoveries (ms)',
        box=SIMPLE_HEAD,
        padding=0,
        pad_edge=False,
        show_edge=False,
    )
    table.add_column('fault\n  in stage', no_wrap=True, min_width=18)
    table.add_column('detector\n  tier/outcome', no_wrap=True, min_width=13)
    for phase in _PHASES:
        table.add_column(phase, justify='right', no_wrap=True, min_width=len(phase))
    table.add_column('total', justify='right', style='bold', no_wrap=True, min_width=5)
    table.add_column('lost', justify='right', no_wrap=True)
    table.add_column('same\nbits', no_wrap=True, min_width=4)
    for row in rows:
        event = row.recovery
        phases = [_phase(row, *ends) for ends in _PHASES.values()]
        detector = event.detector if event else '-'
        table.add_row(
            escape(f'{row.kind}\n  {row.stage or "-"}'),
            escape(f'{detector}\n  {row.outcome}'),
            *phases,
            _number(row.total_ms),
            str(event.frames_lost) if event else '-',
            {True: '[green]yes', False: '[red]NO', None: '-'}[row.bit_identical],
        )
    return table


def _phase(row: FaultRow, end: str, start: str | None) -> str:
    finish = row.after_injection_ms(end)
    begin = 0.0 if start is None else row.after_injection_ms(start)
    return '-' if finish is None or begin is None else f'{finish - begin:.1f}'


def _number(value: float | None) -> str:
    return '-' if value is None else f'{value:.1f}'
