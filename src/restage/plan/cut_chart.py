# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Where a graph can be cut, and where it is, as a picture."""

from __future__ import annotations

from itertools import accumulate
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from restage.plan.graph_cuts import CutModel

_CANDIDATE, _CHOSEN = '#718096', '#c05621'


def draw_cuts(cut: CutModel, path: Path) -> None:
    """Write a PNG: what each possible cut hands over, against the arithmetic before it."""
    costs = cut.network.costs()
    total = sum(costs)
    shares = [100.0 * before / total for before in accumulate(costs[:-1])]
    where = dict(zip((one.position for one in cut.network.cuts), shares, strict=True))
    figure = Figure(figsize=(9, 4.6), dpi=130, layout='constrained')
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    sizes = [one.nbytes / 1024 for one in cut.network.cuts]
    axes.plot(shares, sizes, 'o', color=_CANDIDATE, markersize=4, alpha=0.6, label='possible')
    for number, one in enumerate(cut.cuts):
        at = where[one.position]
        axes.axvline(at, color=_CHOSEN, alpha=0.3)
        label = 'chosen' if not number else None
        axes.plot([at], [one.nbytes / 1024], 'o', color=_CHOSEN, markersize=8, label=label)
        axes.annotate(
            one.name, (at, one.nbytes / 1024), xytext=(5, 7), textcoords='offset points', fontsize=7
        )
    axes.set_yscale('log')
    axes.set_xlim(0, 100)
    axes.set_xlabel('arithmetic before the cut, %')
    axes.set_ylabel('handed over, KiB')
    axes.set_title(f'{cut.description.name}: where it is cut into stages', loc='left')
    axes.grid(alpha=0.25)
    axes.spines[['top', 'right']].set_visible(False)
    axes.legend(frameon=False, loc='upper right')
    figure.savefig(path, format='png')
