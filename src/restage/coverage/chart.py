# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The pictures of a campaign."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from restage.report.palette import INK, SMALL, head, new_figure, plain, save

CAPTIONS = {
    'outcomes': 'Outcomes of faults by kind when nothing is recovered, in percent of the faults.',
    'recall': 'Critical faults that each detector saw before publication, in percent, with the '
    'Wilson 95 % interval.',
    'worst': 'The worst corruptions that no detector saw: clean detections in green, those of the '
    'faulty run in red.',
}
COLOURS = {
    'masked': '#c9d1db',
    'sdc, not critical': '#E69F00',
    'sdc, critical': '#D55E00',
    'due_nan': '#0072B2',
    'due_exception': '#56B4E9',
}


def draw(document: Mapping[str, Any], folder: Path) -> dict[str, Path]:
    """Write the pictures into ``folder``; return their paths by name."""
    figures = {'outcomes': outcome_figure(document), 'recall': recall_figure(document)}
    paths = {name: folder / f'coverage-{name}.png' for name in figures}
    for name, made in figures.items():
        save(made, paths[name])
    return paths


def outcome_figure(document: Mapping[str, Any]) -> Figure:
    """Return a bar of outcomes for each kind of fault."""
    kinds = document['kinds']
    figure = new_figure(1.6 + 0.45 * len(kinds))
    axes = figure.subplots()
    left = np.zeros(len(kinds))
    for name, colour in COLOURS.items():
        share = np.array([_outcome(found, name) for found in kinds.values()])
        axes.barh(list(kinds), share, left=left, color=colour, height=0.7)
        left += share
    axes.invert_yaxis()
    axes.set_xlim(0, 100)
    axes.set_xlabel('% of the faults', fontsize=SMALL)
    plain(axes)
    handles = [Patch(color=colour, label=name) for name, colour in COLOURS.items()]
    head(figure, 'Outcome of faults by kind, without recovery', handles)
    return figure


def _outcome(found: Mapping[str, Any], name: str) -> float:
    counts = found['outcomes']
    count = {
        'sdc, not critical': counts['sdc'] - counts['sdc_critical'],
        'sdc, critical': counts['sdc_critical'],
    }.get(name, counts.get(name, 0))
    return 100.0 * float(count) / max(1, int(found['n']))


def recall_figure(document: Mapping[str, Any]) -> Figure:
    """Return a bar of recall for each detector, and one for all of them."""
    rows = {**document['detectors'], 'all together': document['stack']['details']}
    rows = {name: one for name, one in rows.items() if one['recall_critical']['value'] is not None}
    figure = new_figure(1.4 + 0.5 * len(rows))
    axes = figure.subplots()
    for place, (name, one) in enumerate(rows.items()):
        _bar(axes, place, one['recall_critical'], last=name == 'all together')
    axes.set_yticks(range(len(rows)), list(rows))
    axes.invert_yaxis()
    axes.set_xlim(0, 108)
    axes.set_xlabel('% of the critical faults', fontsize=SMALL)
    plain(axes)
    handles = [Patch(color='#009E73', label='seen before publication')]
    head(figure, 'Critical faults seen, by detector', handles)
    return figure


def _bar(axes: Axes, place: int, found: Mapping[str, Any], *, last: bool) -> None:
    value = found['value'] * 100
    low, high = (edge * 100 for edge in found['ci95'])
    axes.barh(place, value, color='#009E73' if last else '#8fc9b6', height=0.6)
    axes.plot([low, high], [place, place], color=INK, linewidth=1.5)
    axes.text(high + 0.7, place, f'{value:.1f}', va='center', fontsize=SMALL, color=INK)
