# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Every trial as a dot, by fault class and arm, against the times that matter to a vehicle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, NullFormatter

from restage.bench.distribution_row import draw_row
from restage.report.palette import (
    INK,
    NORMAL,
    QUIET,
    head,
    new_figure,
    plain,
)

# Time in ms, colour, line style and name of each reference.
REFERENCES: tuple[tuple[float, str, Any, str], ...] = (
    (33.3, INK, '-', 'frame period 33.3 ms'),
    (100.0, '#E69F00', '--', 'FTTI 100 ms'),
    (300.0, '#D55E00', '-.', 'FTTI 300 ms'),
    (1000.0, QUIET, ':', 'Autoware topic monitor 1.0 s'),
    (4000.0, QUIET, (0, (8, 3)), 'Nav2 bond 4.0 s'),
)
COLUMNS = 2
# What the axis always reaches over.
LEAST_MS, MOST_MS = 2.5, 8000.0


def distributions(document: Mapping[str, Any]) -> Figure:
    """Return a figure with one panel per fault class that was run, one row per arm that was."""
    arms = [arm for arm, row in document['arms'].items() if any(c['n'] for c in row.values())]
    faults = [
        fault
        for fault in next(iter(document['arms'].values()))
        if any(document['arms'][arm][fault]['n'] for arm in arms)
    ]
    lines = -(-max(1, len(faults)) // COLUMNS)
    figure = new_figure(1.3 + lines * (0.7 + 0.31 * max(1, len(arms))))
    grid = figure.subplots(lines, COLUMNS, sharex=True, sharey=True, squeeze=False)
    for axes, fault in zip(grid.flat, faults, strict=False):
        _panel(axes, document, arms, fault)
    for axes in list(grid.flat)[len(faults) :]:
        axes.remove()
    for column in range(COLUMNS):
        lowest = [axes for axes in grid[:, column] if axes in figure.axes][-1:]
        for axes in lowest:
            axes.tick_params(labelbottom=True)
            axes.set_xlabel('injection to the next good output, ms (log)', fontsize=NORMAL)
    _head(figure)
    return figure


def _panel(axes: Axes, document: Mapping[str, Any], arms: Sequence[str], fault: str) -> None:
    plain(axes)
    axes.set_title(fault, loc='left', fontsize=NORMAL, fontweight='bold')
    axes.set_xscale('log')
    times = [time for trial in document['trials'] if (time := trial['total_ms'])]
    axes.set_xlim(0.8 * min([LEAST_MS, *times]), 1.25 * max([MOST_MS, *times]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f'{value:g}'))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_yticks(range(len(arms)), arms)
    axes.set_ylim(len(arms) - 0.45, -0.55)
    for time_ms, colour, style, _ in REFERENCES:
        axes.axvline(time_ms, color=colour, linestyle=style, linewidth=1.1, alpha=0.75, zorder=1)
    for row, arm in enumerate(arms):
        draw_row(axes, document, arm, fault, row)


def _head(figure: Figure) -> None:
    handles = [
        Line2D([], [], color=colour, linestyle=style, label=name)
        for _, colour, style, name in REFERENCES
    ]
    head(figure, 'From the injection to the next good output: every trial', handles)
