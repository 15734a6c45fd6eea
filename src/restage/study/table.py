# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A study as tables in the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from restage.study.record import START_PHASES
from restage.study.wording import LEGEND, LETTERS, short, worst

Document = Mapping[str, Any]
STYLES = {'bad': 'red', 'good': 'green', 'quiet': 'dim', '': ''}


def show(document: Document, console: Console) -> None:
    """Print the matrix, the reset times, and what is not there."""
    console.print(matrix_table(document))
    console.print(
        ', '.join(f'{LETTERS[name]} {words}' for name, words in LEGEND.items())
        + '; in percent of the trials; – not possible through this API',
        highlight=False,
    )
    console.print(reset_table(document))
    for words in document['not_run']:
        console.print(f'not run: {words}', highlight=False, markup=False)
    for name, reason in document['unavailable'].items():
        console.print(f'not studied: {name}: {reason}', highlight=False, markup=False)


def matrix_table(document: Document) -> Table:
    """Return the outcomes by mistake and framework."""
    trials = document['settings']['trials']
    table = Table(
        title=f'Outcomes of programming errors; trials of each cell: {trials}',
        title_justify='left',
        box=SIMPLE_HEAD,
    )
    table.add_column('error', no_wrap=True)
    table.add_column('CWE', justify='right')
    for framework in document['frameworks']:
        table.add_column(framework)
    for mistake in document['errors']:
        cells = [document['cells'][framework][mistake] for framework in document['frameworks']]
        words = [
            f'[{STYLES[worst(cell)]}]{short(cell)}[/]' if STYLES[worst(cell)] else short(cell)
            for cell in cells
        ]
        table.add_row(mistake, str(document['error_details'][mistake]['cwe']), *words)
    return table


def reset_table(document: Document) -> Table:
    """Return what a reset takes, by framework and phase."""
    table = Table(title='Reset, ms: median (worst)', title_justify='left', box=SIMPLE_HEAD)
    table.add_column('framework', no_wrap=True)
    for phase in (*START_PHASES, 'total'):
        table.add_column(phase.replace('_', ' '), justify='right')
    for name, details in document['framework_details'].items():
        found = details['reset_ms']
        table.add_row(
            name,
            *(
                f'{found[phase]["p50"]:.0f} ({found[phase]["max"]:.0f})'
                for phase in (*START_PHASES, 'total')
            ),
        )
    return table
