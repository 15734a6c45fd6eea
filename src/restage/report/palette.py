# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Colours that colour-blind people can tell apart (Okabe and Ito), and an empty picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

ARM_COLOURS = {
    'stage_resume': '#0072B2',
    'whole_frame_rerun': '#56B4E9',
    'model_reload': '#CC79A7',
    'standby_failover': '#009E73',
    'process_reset': '#D55E00',
}
PHASE_COLOURS = {
    'detect': '#E69F00',
    'decide': '#CC79A7',
    'restore': '#56B4E9',
    'recompute': '#0072B2',
    'not told apart': '#999999',
}
QUIET, INK = '#5f6b7a', '#1a202c'
WIDTH_IN, DPI = 14.0, 130
SMALL, NORMAL, LARGE = 10, 11, 14


def new_figure(height_in: float) -> Figure:
    """Return an empty figure of the common width, its size in inches."""
    figure = Figure(figsize=(WIDTH_IN, height_in), dpi=DPI, layout='constrained')
    FigureCanvasAgg(figure)
    return figure


def head(figure: Figure, title: str, handles: Sequence[Artist]) -> None:
    """Put a title and a legend above all axes."""
    # The title of the legend: beside a legend outside, the layout leaves no room for another.
    figure.legend(
        handles=handles,
        title=title,
        title_fontproperties={'size': LARGE, 'weight': 'bold'},
        alignment='left',
        loc='outside upper left',
        ncols=len(handles),
        frameon=False,
        fontsize=SMALL,
    )


def plain(axes: Axes) -> None:
    """Take away what frames ``axes``, and make its ticks readable."""
    axes.spines[['top', 'right']].set_visible(False)
    axes.tick_params(labelsize=SMALL)
    axes.set_axisbelow(True)


def save(figure: Figure, path: Path) -> None:
    """Write ``figure`` as a PNG."""
    figure.savefig(path, format='png')
