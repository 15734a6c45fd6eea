# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The pictures of a study."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from restage.report.palette import INK, QUIET, SMALL, head, new_figure, plain, save
from restage.study.record import START_PHASES
from restage.study.wording import LEGEND

Document = Mapping[str, Any]

CAPTIONS = {
    'matrix': 'Outcomes of each programming error in each framework, as shares of its trials. '
    'Grey text: not possible through this API.',
    'reset': 'From the mistake to the end of a process that crashed, and from there to a first '
    'right output in a new one: medians, and the sum of the worst.',
}
COLOURS = {
    'masked': '#c9d1db',
    'clean_exception': '#56B4E9',
    'sdc': '#D55E00',
    'delayed_failure': '#CC79A7',
    'crash': '#E69F00',
    'hang': '#0072B2',
}
PHASES = {
    'until the process has ended': '#D55E00',
    'process start': '#c9d1db',
    'import': '#56B4E9',
    'load': '#009E73',
    'first inference': '#E69F00',
}


def draw(document: Document, folder: Path) -> dict[str, Path]:
    """Write the pictures into ``folder``; return their paths by name."""
    figures = {'matrix': matrix_figure(document), 'reset': reset_figure(document)}
    paths = {name: folder / f'study-{name}.png' for name in figures}
    for name, made in figures.items():
        save(made, paths[name])
    return paths


def matrix_figure(document: Document) -> Figure:
    """Return a column of bars for each framework, a row for each error."""
    frameworks, mistakes = document['frameworks'], document['errors']
    figure = new_figure(1.4 + 0.32 * len(mistakes))
    columns = figure.subplots(1, len(frameworks), sharey=True, squeeze=False)[0]
    for axes, framework in zip(columns, frameworks, strict=True):
        _column(axes, [document['cells'][framework][mistake] for mistake in mistakes])
        version = document['framework_details'][framework]['version']
        axes.set_title(f'{framework}\n{version}', fontsize=SMALL)
    columns[0].set_yticks(range(len(mistakes)), [name.replace('_', ' ') for name in mistakes])
    handles = [Patch(color=colour, label=LEGEND[name]) for name, colour in COLOURS.items()]
    head(figure, 'What programming errors come to, % of the trials', handles)
    return figure


def _column(axes: Axes, cells: list[Mapping[str, Any]]) -> None:
    left = np.zeros(len(cells))
    for name, colour in COLOURS.items():
        share = np.array([100.0 * cell['outcomes'][name] / max(1, cell['n']) for cell in cells])
        axes.barh(range(len(cells)), share, left=left, color=colour, height=0.78)
        left += share
    for place, cell in enumerate(cells):
        if not cell['n']:
            words = 'not possible' if 'not_possible' in cell else 'not run'
            axes.text(50, place, words, ha='center', va='center', fontsize=8, color=QUIET)
    axes.set_xlim(0, 100)
    axes.set_ylim(len(cells) - 0.4, -0.6)
    axes.set_xticks([0, 50, 100])
    plain(axes)
    # Towards the middle: they would touch those of the next column.
    labels = axes.get_xticklabels()
    labels[0].set_horizontalalignment('left')
    labels[-1].set_horizontalalignment('right')


def reset_figure(document: Document) -> Figure:
    """Return a bar of phases for each framework: from a crash to the next right output."""
    details = document['framework_details']
    rows = [
        [one['crash_known_after_ms'].get('p50', 0.0)]
        + [one['reset_ms'][phase]['p50'] for phase in START_PHASES]
        for one in details.values()
    ]
    figure = new_figure(1.6 + 0.5 * len(details))
    axes = figure.subplots()
    left = np.zeros(len(details))
    for taken, colour in zip(np.array(rows).T, PHASES.values(), strict=True):
        axes.barh(list(details), taken, left=left, color=colour, height=0.6)
        left += taken
    worst = [
        one['crash_known_after_ms'].get('max', 0.0) + one['reset_ms']['total']['max']
        for one in details.values()
    ]
    for place, (middle, most) in enumerate(zip(left, worst, strict=True)):
        axes.plot([most] * 2, [place - 0.3, place + 0.3], color=INK, linewidth=2)
        words = f'  {middle:.0f}, worst {most:.0f}'
        axes.text(most, place, words, va='center', fontsize=SMALL, color=INK)
    handles: list[Artist] = [Patch(color=colour, label=name) for name, colour in PHASES.items()]
    handles.append(Line2D([], [], color=INK, linewidth=2, label='worst'))
    failover = document['restage']['crash']['measured']
    if failover is not None:
        label = f'failover by Restage: {failover["p50_ms"]:.0f} (restage bench)'
        handles.append(axes.axvline(failover['p50_ms'], color=INK, linestyle=':', label=label))
    axes.set_ylim(len(details) - 0.5, -0.5)
    axes.set_xlim(0, 1.25 * max(worst))
    axes.set_xlabel('ms', fontsize=SMALL)
    plain(axes)
    head(figure, 'From a crash to the next right output by a reset', handles)
    return figure
