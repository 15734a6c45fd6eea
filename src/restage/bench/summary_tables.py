# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What follows from the cells, as tables in the terminal: ratios, costs, goals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table

from restage.bench.wording import flat, heading, measured, number, verdict

_COLOURS = {True: 'green', False: 'bold red', None: 'yellow'}


def ratio_table(document: Mapping[str, Any]) -> Table:
    """Return a row per pair of arms: the geometric mean of the ratios, and those by class."""
    table = _table('How many times as long (medians; geometric mean over the fault classes)')
    table.add_column('arms', no_wrap=True)
    table.add_column('ratio', justify='right', no_wrap=True, style='bold')
    table.add_column('by fault class')
    for pair, by_class in document['ratios']['per_class'].items():
        if by_class:
            each = ', '.join(f'{fault} {number(ratio)}' for fault, ratio in by_class.items())
            table.add_row(_pair(pair), f'{number(document["ratios"][pair])} x', each)
    return table


def cost_table(document: Mapping[str, Any]) -> Table:
    """Return what all this costs without faults, part by part."""
    table = _table('Without faults')
    table.add_column('what', no_wrap=True)
    table.add_column('us a frame', justify='right', no_wrap=True)
    table.add_column('% of its compute', justify='right', no_wrap=True)
    table.add_column('95 % interval', justify='right', no_wrap=True)
    costs = document['overhead']
    if costs:
        rows = {'all of it': costs, **costs['parts']}
        for name, part in rows.items():
            low, high = part['ci95']
            table.add_row(
                name if name == 'all of it' else f'  {name}',
                f'{part["added_us"]:.1f}',
                f'{part["percent"]:.2f}',
                f'{low:.2f}..{high:.2f}',
            )
    return table


def bandwidth_table(document: Mapping[str, Any]) -> Table:
    """Return a row per tensor or size, in the fields it was given in."""
    table = _table('Writing into the checkpoint store')
    entries = document['bandwidth']
    keys = list(dict.fromkeys(key for entry in entries for key in entry))
    for key in keys:
        table.add_column(
            heading(key).replace(' ', '\n'), justify='left' if key == keys[0] else 'right'
        )
    for entry in entries:
        table.add_row(*(flat(entry.get(key, '-')) for key in keys))
    return table


def goal_table(document: Mapping[str, Any]) -> Table:
    """Return a row per goal: met, missed or not measured."""
    table = _table('Goals')
    table.add_column('goal')
    table.add_column('wanted', no_wrap=True)
    table.add_column('measured', justify='right', no_wrap=True)
    table.add_column('verdict', no_wrap=True)
    for goal in document['goals']:
        note = f'\n[dim]{goal["note"]}[/]' if goal['note'] else ''
        colour = _COLOURS[goal['met']]
        table.add_row(
            goal['what'] + note,
            goal['goal'],
            measured(goal),
            f'[{colour}]{verdict(goal["met"])}[/]',
        )
    return table


def missed(document: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each goal that was missed."""
    return [
        f'Goal missed: {goal["what"]}: {measured(goal)}, wanted {goal["goal"]}.'
        for goal in document['goals']
        if goal['met'] is False
    ]


def _pair(name: str) -> str:
    return name.replace('_over_', ' /\n  ')


def _table(title: str) -> Table:
    return Table(
        title=title, box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False
    )
