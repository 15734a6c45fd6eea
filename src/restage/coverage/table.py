# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The results of a campaign as tables in the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from restage.coverage.wording import counted, interval, share

Document = Mapping[str, Any]


def show(document: Document, console: Console) -> None:
    """Print outcomes, detectors and goals."""
    for table in (kind_table(document), detector_table(document), goal_table(document)):
        console.print(table)
    silent = document['stack']['details']['recall_sdc_critical']
    console.print(
        f'critical faults that no exception gave away: {counted(silent)} seen, '
        f'{share(silent)} (95 %: {interval(silent)})',
        highlight=False,
    )
    change = document['map']
    if change is not None:
        console.print(
            f'mAP@0.5 over the frames hit: clean {change["clean"]:.4f}, faulty '
            f'{change["faulty"]:.4f}, with what was seen put right {change["protected"]:.4f}',
            highlight=False,
        )


def kind_table(document: Document) -> Table:
    """Return outcomes by kind of fault."""
    table = Table(
        title='Faults by what came out of the model', title_justify='left', box=SIMPLE_HEAD
    )
    table.add_column('kind', no_wrap=True)
    for name in ('n', 'masked', 'SDC', 'of it\ncritical', 'DUE', 'critical seen', '95 %'):
        table.add_column(name, justify='right', no_wrap=True)
    for kind, found in document['kinds'].items():
        counts, recall = found['outcomes'], found['recall_critical']
        due = counts['due_exception'] + counts['due_nan']
        table.add_row(
            kind,
            *(str(n) for n in (found['n'], counts['masked'], counts['sdc'])),
            str(counts['sdc_critical']),
            str(due),
            share(recall),
            interval(recall),
        )
    return table


def detector_table(document: Document) -> Table:
    """Return what each detector saw, and all of them together."""
    table = Table(title='Error detectors', title_justify='left', box=SIMPLE_HEAD)
    table.add_column('detector', no_wrap=True)
    for name in (
        'alarms',
        'precision',
        'critical\nseen',
        '95 %',
        'alone',
        'false alarms\na frame',
        'seen after\np50 ms',
        'cost %',
    ):
        table.add_column(name, justify='right', no_wrap=True)
    rows = {**document['detectors'], 'all': document['stack']['details']}
    for name, found in rows.items():
        cost = found.get('overhead')
        table.add_row(
            name,
            str(found['alarms']),
            share(found['precision']),
            share(found['recall_critical']),
            interval(found['recall_critical']),
            str(found.get('critical_seen_by_it_alone', '')),
            share(found['false_positive_rate'], 4),
            f'{found["latency_ms"]["p50"]:.2f}' if found.get('latency_ms', {}).get('n') else '',
            f'{cost["percent"]:.2f}' if cost else '',
        )
    return table


def goal_table(document: Document) -> Table:
    """Return each goal and whether it was met."""
    table = Table(title='Goals', title_justify='left', box=SIMPLE_HEAD)
    for name in ('what', 'goal', 'measured', 'met'):
        table.add_column(name)
    for goal in document['goals']:
        verdict = {True: 'yes', False: 'NO', None: 'not measured'}[goal['met']]
        table.add_row(goal['what'], goal['goal'], f'{goal["measured"]}', verdict)
    return table
