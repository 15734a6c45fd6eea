# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The comparison as tables in the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from restage.bench.wording import number
from restage.compare.rows import COSTS, RECOVERIES, Row, lowered, texts
from restage.sizing.wording import Model, size


def show(document: Mapping[str, Any], console: Console) -> None:
    """Print the stages of each model, then all models side by side."""
    models = document['models']
    for model in models:
        console.print(stage_table(model))
        console.print()
    console.print(side_by_side('Costs', COSTS, models))
    console.print()
    console.print(side_by_side('Recoveries over real nodes', RECOVERIES, models))
    note = lowered(models)
    if note:
        console.print(f'\n{note}', style='dim', highlight=False)


def side_by_side(title: str, rows: Sequence[Row], models: Sequence[Model]) -> Table:
    """Return a row per figure, a column per model."""
    table = _table(title)
    table.add_column('')
    for model in models:
        table.add_column(model['title'], justify='right')
    for row in texts(rows, models):
        table.add_row(*row)
    return table


def stage_table(model: Model) -> Table:
    """Return the stages of one model; behind those in bold is a checkpoint."""
    table = _table(f'Stages of {model["title"]} (bold: checkpointed behind it)')
    table.add_column('stage', no_wrap=True)
    for name in ('p50 ms', 'p99 ms', 'hands over'):
        table.add_column(name, justify='right', no_wrap=True)
    for stage in model['stages']:
        kept = stage['name'] in model['checkpoint']['boundaries']
        times = [number(stage['ms'][key], 2) for key in ('p50', 'p99')]
        table.add_row(stage['name'], *times, size(stage['out_bytes']), style='bold' if kept else '')
    return table


def _table(title: str) -> Table:
    return Table(
        title=title, title_justify='left', box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False
    )
