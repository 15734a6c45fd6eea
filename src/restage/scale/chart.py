# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The growth as a picture: logarithmic both ways, with the fitted lines."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture
from matplotlib.ticker import FuncFormatter, NullFormatter, NullLocator

from restage.report.palette import NORMAL, SMALL, new_figure, plain, save
from restage.scale.figures import BYTES, FIGURES, NODES, ONE, SERIES
from restage.scale.growth import Growth
from restage.scale.wording import law

CAPTION = (
    'Left: by the weights, at one size of the input; right: by the input, with the same weights. '
    'Large dots: medians; small ones: every trial; dashed: the fitted power of x. Time from the '
    'injection to the receipt of the next valid detections, over real nodes (top), in one process '
    '(middle), and the bytes written for a frame (bottom).'
)
PANELS = {
    NODES: 'recovery over real nodes, ms',
    ONE: 'in one process, ms',
    BYTES: 'checkpoints of a frame, MB',
}
# Okabe and Ito's, as the rest of the project uses them.
COLOURS = ('#0072B2', '#E69F00', '#009E73', '#CC79A7', '#D55E00', '#56B4E9')


def draw(document: Mapping[str, Any], path: Path) -> None:
    """Write the picture (PNG) to ``path``."""
    save(picture(document), path)


def picture(document: Mapping[str, Any]) -> Picture:
    """Return a row per panel, a column per series."""
    made = new_figure(14.0)
    grid = made.subplots(len(PANELS), len(SERIES), height_ratios=(5, 6, 3), sharex='col')
    for row, (panel, title) in zip(grid, PANELS.items(), strict=True):
        for axes, name in zip(row, SERIES, strict=True):
            _panel(axes, document, name, panel)
            axes.set_ylabel(title, fontsize=NORMAL)
        low = min(axes.get_ylim()[0] for axes in row)
        high = max(axes.get_ylim()[1] for axes in row)
        for axes in row:
            axes.set_ylim(low, high)
    for axes, name in zip(grid[-1], SERIES, strict=True):
        axes.set_xlabel(SERIES[name].title, fontsize=NORMAL)
        models = _models(document, name)
        axes.set_xticks(document['series'][name]['x'], map(SERIES[name].tick, models))
        axes.xaxis.set_minor_locator(NullLocator())
    return made


def _panel(axes: Axes, document: Mapping[str, Any], name: str, panel: str) -> None:
    series, models = document['series'][name], _models(document, name)
    shown = [(key, figure) for key, figure in FIGURES.items() if figure.panel == panel]
    for colour, (key, figure) in zip(COLOURS, shown, strict=False):
        found = series['growth'][key]
        values = [figure.value(model) for model in models]
        label = f'{figure.title}: x^{law(found)}' if found else figure.title
        ys = [np.nan if value is None else value for value in values]
        axes.plot(series['x'], ys, 'o', color=colour, markersize=7, label=label)
        if found:
            line = Growth(**found)
            ends = np.geomspace(min(series['x']), max(series['x']), 30)
            axes.plot(ends, [line.at(x) for x in ends], '--', color=colour, linewidth=1.2)
        if figure.event:
            for x, model in zip(series['x'], models, strict=True):
                trials = model['recoveries'][figure.event]['trials']
                each = [one['total_ms'] for one in trials if one['total_ms'] is not None]
                axes.plot([x] * len(each), each, '.', color=colour, markersize=4, alpha=0.6)
    axes.set_xscale('log')
    axes.set_yscale('log')
    axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f'{y:g}'))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.grid(alpha=0.25, which='both')
    axes.legend(
        frameon=False,
        fontsize=SMALL,
        loc='lower left',
        bbox_to_anchor=(0.0, 1.0),
        borderaxespad=0.2,
        labelspacing=0.2,
    )
    plain(axes)


def _models(document: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    known = {model['name']: model for model in document['models']}
    return [known[one] for one in document['series'][name]['models']]
