# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""One recovery of each fault class, split into its phases, beside a reset of the process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from restage.bench.median_trial import Recovery, longest_uncut, recoveries
from restage.bench.wording import duration, why_empty
from restage.report.palette import (
    ARM_COLOURS,
    INK,
    NORMAL,
    PHASE_COLOURS,
    QUIET,
    SMALL,
    head,
    new_figure,
    plain,
)

RESET = 'process_reset'
# Of the longest bar: the room for the figures behind it.
ROOM = 1.62


def timelines(document: Mapping[str, Any]) -> Figure:
    """Return a figure with two axes: the phases in ms, and a process reset in s."""
    found = recoveries(document)
    figure = new_figure(1.9 + 0.52 * max(1, len(found)))
    left, right = figure.subplots(1, 2, sharey=True, width_ratios=(3.2, 1))
    for axes in (left, right):
        plain(axes)
    left.set_yticks(range(len(found)), [f'{one.fault}\n{one.arm}' for one in found])
    left.set_ylim(max(1, len(found)) - 0.4, -0.6)
    longest = longest_uncut([one.total_ms for one in found])
    left.set_xlim(0, longest * ROOM)
    left.set_xlabel('ms from the injection: the median trial of the best arm', fontsize=NORMAL)
    for row, one in enumerate(found):
        _phases(left, one, row, longest)
    _resets(right, document, [one.fault for one in found])
    names = [name for name in PHASE_COLOURS if any(name in dict(one.phases) for one in found)]
    handles = [Patch(color=PHASE_COLOURS[name], label=name) for name in names]
    reset = Patch(color=ARM_COLOURS[RESET], label='process_reset, median (own scale)')
    head(figure, 'Where the time of a recovery goes', [*handles, reset])
    return figure


def _phases(axes: Axes, one: Recovery, row: int, longest: float) -> None:
    left = 0.0
    for name, time_ms in one.phases:
        width = min(max(time_ms, 0.0), longest * 1.04 - left)
        axes.barh(row, width, left=left, height=0.56, color=PHASE_COLOURS[name], linewidth=0)
        left += width
    parts = ' + '.join(f'{time_ms:.1f}' for _, time_ms in one.phases)
    cut = 'cut: ' if one.total_ms > longest * 1.04 else ''
    axes.annotate(
        f'{cut}{duration(one.total_ms)}' + (f'  = {parts}' if len(one.phases) > 1 else ''),
        (left, row),
        xytext=(6, 0),
        textcoords='offset points',
        va='center',
        fontsize=SMALL,
        color=INK,
    )


def _resets(axes: Axes, document: Mapping[str, Any], faults: Sequence[str]) -> None:
    cells = [document['arms'][RESET][fault] for fault in faults]
    most = max((cell['p50_ms'] or 0.0 for cell in cells), default=0.0) / 1000
    axes.set_xlim(0, (most or 1.0) * 1.45)
    axes.set_xlabel('s from the injection', fontsize=NORMAL)
    axes.tick_params(left=False, labelleft=False)
    for row, cell in enumerate(cells):
        time_ms, text = cell['p50_ms'], why_empty(cell)
        if time_ms is not None:
            axes.barh(row, time_ms / 1000, height=0.56, color=ARM_COLOURS[RESET], linewidth=0)
            text = duration(time_ms)
        place = ((time_ms or 0.0) / 1000, row)
        axes.annotate(
            text or 'never',
            place,
            xytext=(6, 0),
            textcoords='offset points',
            va='center',
            fontsize=SMALL,
            color=QUIET if time_ms is None else INK,
        )
