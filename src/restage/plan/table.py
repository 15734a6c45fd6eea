# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The plan as tables in the terminal."""

from __future__ import annotations

from rich.box import SIMPLE_HEAD
from rich.table import Table

from restage.checkpoint.boundaries import IMAGE, NO_CHECKPOINT
from restage.plan.choice import Choice
from restage.plan.result import PlanResult


def stage_table(result: PlanResult) -> Table:
    """Return a row per stage with the boundary behind it, the image first."""
    samples, profile, choice = result.samples, result.profile, result.choice
    table = _table('Stages, and a checkpoint behind each (times in ms)')
    table.add_column('stage', no_wrap=True)
    table.add_column('p50', justify='right', no_wrap=True)
    table.add_column('p99', justify='right', no_wrap=True)
    table.add_column('live tensors', min_width=len('detections'))
    for name in ('KiB', 'write', 'restore'):
        table.add_column(name, justify='right', no_wrap=True)
    table.add_column('chosen')
    table.add_column('fault\ncosts', justify='right')
    tails = samples.stage_p99_ns()
    for boundary, name in enumerate(samples.boundaries, IMAGE):
        stage = boundary > IMAGE
        table.add_row(
            name,
            _ms(profile.stage_ns[boundary]) if stage else '',
            _ms(tails[boundary]) if stage else '',
            ' '.join(samples.live[boundary + 1]),
            f'{samples.nbytes(boundary) / 1024:.1f}',
            _ms(profile.write_ns(NO_CHECKPOINT, boundary)),
            _ms(profile.restore_ns(boundary)),
            '[green]yes' if boundary in choice.boundaries else '-',
            _ms(choice.recovery_ns[boundary]) if stage else '',
        )
    table.add_section()
    table.add_row('frame', _ms(profile.compute_ns))
    return table


def comparison_table(result: PlanResult) -> Table:
    """Return a row for no checkpoints, for the plan and for all boundaries."""
    table = _table('What a fault costs (restore + lost work)')
    table.add_column('checkpoints', no_wrap=True)
    table.add_column('number', justify='right')
    for name in ('worst case\nms', 'expected\nms', 'overhead\n% of a frame'):
        table.add_column(name, justify='right', no_wrap=True)
    _compare(table, result, 'none', result.none)
    _compare(table, result, 'this plan', result.choice)
    _compare(table, result, 'all boundaries', result.all)
    return table


def verdict(result: PlanResult) -> str:
    """Return what was chosen, or why nothing was, in one line."""
    cap = f'{result.cap_percent:g} %'
    if result.choice.boundaries:
        where = ', '.join(result.names(result.choice.boundaries))
        return f'checkpoints at: {where} (overhead cap {cap})'
    least = result.cheapest_percent()
    if least is None:
        return 'no checkpoint lowers the worst case: the plan has no boundaries'
    return (
        f'no checkpoint is within the overhead cap of {cap}: the plan has no boundaries; '
        f'the cheapest one that helps costs {least:.2f} %'
    )


def _compare(table: Table, result: PlanResult, name: str, choice: Choice) -> None:
    table.add_row(
        name,
        str(len(choice.boundaries)),
        _ms(choice.worst_ns),
        _ms(choice.expected_ns),
        f'{result.overhead_percent(choice):.2f}',
    )


def _table(title: str) -> Table:
    return Table(title=title, box=SIMPLE_HEAD, padding=0, pad_edge=False, show_edge=False)


def _ms(time_ns: float) -> str:
    return f'{time_ns / 1e6:.3f}'
