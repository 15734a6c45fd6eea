# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The trials of one cell in one row of a panel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from restage.bench.wording import duration, why_empty
from restage.report.palette import ARM_COLOURS, INK, QUIET, SMALL

# Quartiles of fewer trials would hide them.
LEAST_FOR_BOX = 5


def draw_row(axes: Axes, document: Mapping[str, Any], arm: str, fault: str, row: int) -> None:
    """Draw a dot for every trial, a box and the median into ``row``; or why there is none."""
    cell = document['arms'][arm][fault]
    beside = axes.get_yaxis_transform()
    empty = why_empty(cell)
    if empty:
        axes.text(0.012, row, empty, transform=beside, va='center', color=QUIET, fontsize=SMALL)
        return
    times = np.array(
        [
            trial['total_ms']
            for trial in document['trials']
            if (trial['arm'], trial['fault']) == (arm, fault)
            and trial['outcome'] != 'masked'
            and trial['total_ms'] is not None
        ]
    )
    colour = ARM_COLOURS.get(arm, QUIET)
    few = len(times) < LEAST_FOR_BOX
    if not few:
        _box(axes, times, row, colour)
    # Spread by the golden ratio: neighbours never fall together, and every run draws the same.
    spread = (np.arange(len(times)) * 0.618034 % 1 - 0.5) * 0.44
    axes.scatter(
        times, row + spread, s=30 if few else 7, color=colour, alpha=0.55, linewidths=0, zorder=3
    )
    never = f', {cell["unrecovered"]} never' if cell['unrecovered'] else ''
    median = 'never' if cell['p50_ms'] is None else duration(cell['p50_ms'])
    text = f'{median}  n {cell["n"]}{never}'
    axes.text(1.012, row, text, transform=beside, va='center', color=INK, fontsize=SMALL)


def _box(axes: Axes, times: NDArray[np.float64], row: int, colour: str) -> None:
    axes.boxplot(
        times,
        positions=[row],
        orientation='horizontal',
        widths=0.62,
        whis=(0, 100),
        manage_ticks=False,
        patch_artist=True,
        boxprops={'facecolor': colour, 'alpha': 0.22, 'edgecolor': colour},
        whiskerprops={'color': colour},
        capprops={'color': colour},
        medianprops={'color': INK, 'linewidth': 1.8},
        zorder=2,
    )
