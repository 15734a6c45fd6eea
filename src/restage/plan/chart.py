# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The trade-off of overhead against worst case as a picture."""

from __future__ import annotations

from pathlib import Path
from textwrap import fill

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from restage.plan.choice import Choice
from restage.plan.result import PlanResult

_CURVE, _CHOSEN, _CAP, _OTHER = '#2b6cb0', '#c05621', '#4a5568', '#718096'


def draw_trade_off(result: PlanResult, path: Path) -> None:
    """Write a PNG: worst recovery in ms against overhead in percent, choice and cap marked."""
    figure = Figure(figsize=(9, 5.4), dpi=130, layout='constrained')
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    _curve(axes, result)
    _single(axes, result, result.all, 'all boundaries', 's', _OTHER)
    names = ', '.join(result.names(result.choice.boundaries)) or 'no checkpoints'
    _single(axes, result, result.choice, fill(f'chosen: {names}', 50), 'o', _CHOSEN)
    _cap(axes, result)
    axes.set_xlabel('overhead of checkpoints, % of the compute time of a frame')
    axes.set_ylabel('worst-case recovery, ms (restore + lost work)')
    axes.set_title(f'{result.model}: what checkpoints cost and what they save', loc='left')
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.25)
    axes.spines[['top', 'right']].set_visible(False)
    axes.legend(frameon=False, loc='upper right')
    figure.savefig(path, format='png')


def _curve(axes: Axes, result: PlanResult) -> None:
    """Draw the least worst case for every overhead: a staircase, as a part cannot be bought."""
    costs = [result.overhead_percent(choice) for choice in result.front]
    worst = [choice.worst_ns / 1e6 for choice in result.front]
    axes.step(costs, worst, where='post', color=_CURVE, alpha=0.5)
    label = 'best possible, with its number of checkpoints'
    axes.plot(costs, worst, 'o', color=_CURVE, markersize=5, label=label)
    for choice, cost, height in zip(result.front, costs, worst, strict=True):
        text = f'{len(choice.boundaries)}'
        axes.annotate(text, (cost, height), xytext=(5, 5), textcoords='offset points', fontsize=8)


def _single(
    axes: Axes, result: PlanResult, choice: Choice, label: str, marker: str, colour: str
) -> None:
    axes.plot(
        [result.overhead_percent(choice)],
        [choice.worst_ns / 1e6],
        marker,
        color=colour,
        markersize=9,
        label=label,
        clip_on=False,
        zorder=3,
    )


def _cap(axes: Axes, result: PlanResult) -> None:
    """Mark the cap; one far to the right must not press the curve against the left edge."""
    most = max(result.overhead_percent(one) for one in (*result.front, result.all))
    right = 1.05 * max(most, min(result.cap_percent, 1.2 * most)) or 1.0
    label = f'cap {result.cap_percent:g} %'
    if result.cap_percent > right:
        axes.plot([], [], color=_CAP, linestyle='--', label=f'{label}, further right')
    else:
        axes.axvline(result.cap_percent, color=_CAP, linestyle='--', label=label)
    axes.set_xlim(0, right)
