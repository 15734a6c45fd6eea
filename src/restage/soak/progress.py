# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What the user sees while a soak runs."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from restage.soak.findings import Finding
from restage.soak.record import Record

_NAME = 60


class SoakProgress:
    """A line for each episode, and a bar for the time."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        """Show in ``progress``."""
        self._progress = progress
        self._task = task
        self._shown = 0

    def begin(self, name: str) -> None:
        """Say what is done now."""
        self._progress.update(self._task, now=name[:_NAME])

    def end(self, row: Mapping[str, Any], record: Record, seconds: float) -> None:
        """Tell of an episode that is over, and of what was found meanwhile."""
        frames, recoveries = row['frames'], row['recoveries']
        slowest = max((one['total_ms'] or 0.0 for one in recoveries), default=None)
        told = f'{len(recoveries)} recoveries' if recoveries else 'no recovery'
        told += f', slowest {slowest:.0f} ms' if slowest is not None else ''
        self._progress.console.print(
            f'{row["episode"]:4d} {row["name"][:_NAME]:{_NAME}} {told}; '
            f'{sum(frames["lost"].values())} of {frames["in"]} lost',
            highlight=False,
            markup=False,
        )
        for finding in record.findings[self._shown :]:
            self._progress.console.print(_line(finding), highlight=False)
        self._shown = len(record.findings)
        self._progress.update(self._task, completed=seconds, found=record.violations)


def _line(finding: Finding) -> str:
    style = 'red' if finding.violation else 'yellow'
    text = f'     {finding.invariant}: {finding.text}'.replace('[', r'\[')
    known = f' ({finding.documented})' if finding.documented else ''
    return f'[{style}]{text}{known}[/]'


@contextlib.contextmanager
def showing(console: Console, seconds: float) -> Iterator[SoakProgress]:
    """Show progress towards ``seconds`` for as long as the context lasts."""
    columns = (
        TextColumn('[bold]soak'),
        BarColumn(bar_width=20),
        TimeElapsedColumn(),
        TextColumn('{task.fields[found]} violations'),
        TextColumn('{task.fields[now]}'),
    )
    with Progress(*columns, console=console, refresh_per_second=4) as progress:
        task = progress.add_task('soak', total=seconds, found=0, now='')
        yield SoakProgress(progress, task)


def result_table(document: Mapping[str, Any]) -> Table:
    """Return the recoveries by what they were from."""
    table = Table(title='Recoveries (ms)', title_justify='left')
    table.add_column('fault')
    for name in ('n', 'p50', 'p99', 'max'):
        table.add_column(name, justify='right')
    for kind, found in document['recovery_ms'].items():
        times = [f'{found[name]:.1f}' for name in ('p50', 'p99', 'max')]
        table.add_row(kind, str(found['n']), *times)
    return table
