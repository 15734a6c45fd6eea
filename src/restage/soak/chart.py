# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The picture of a soak: what the nodes had, how long recoveries took, what was lost."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from restage.report.palette import INK, SMALL, head, new_figure, plain, save

CAPTION = (
    'From the top: resident memory, threads and file descriptors of every process; what lies in '
    '/dev/shm; each recovery, from the fault to the next good output; frames lost in each episode.'
)
COLOURS = {
    'recovery': '#0072B2',
    'detection_a': '#009E73',
    'detection_b': '#56B4E9',
    'detection_c': '#CC79A7',
    'detection_d': '#999999',
    'injector': '#E69F00',
    'fault_proxy': '#F0E442',
    'camera': '#D55E00',
    'soak': INK,
}
_PANELS = {'rss_mib': 'resident, MiB', 'threads': 'threads', 'fds': 'file descriptors'}
_MINUTE = 60.0


def draw(document: Mapping[str, Any], path: Path) -> Path:
    """Write the picture to ``path``; return it."""
    save(make_figure(document), path)
    return path


def make_figure(document: Mapping[str, Any]) -> Figure:
    """Return the picture."""
    figure = new_figure(15.0)
    axes = figure.subplots(6, 1, sharex=True, height_ratios=[2, 1, 1, 1, 2, 1])
    series = document['resources']['series']
    nodes = [name for name in COLOURS if name in series]
    for place, (quantity, label) in enumerate(_PANELS.items()):
        for name in nodes:
            _line(axes[place], series[name]['at_s'], series[name][quantity], COLOURS[name])
        axes[place].set_ylabel(label, fontsize=SMALL)
    shared = series['shared memory']
    _line(axes[3], shared['at_s'], shared['shm_mib'], INK)
    axes[3].set_ylabel('shared memory, MiB', fontsize=SMALL)
    _recoveries(axes[4], document)
    _losses(axes[5], document)
    for one in axes:
        plain(one)
        one.grid(axis='y', color='#e2e8f0')
    for one in axes[:4]:
        one.set_ylim(bottom=0)
    axes[5].set_xlabel('minutes', fontsize=SMALL)
    handles = [Line2D([], [], color=COLOURS[name], label=name) for name in nodes]
    counts = document['counts']
    head(
        figure,
        f'{document["minutes"]:.0f} minutes of random faults: {counts["episodes"]} episodes, '
        f'{counts["recoveries"]} recoveries, {counts["violations"]} violations',
        handles,
    )
    return figure


def _line(axes: Axes, at_s: list[float], values: list[float], colour: str) -> None:
    axes.plot([one / _MINUTE for one in at_s], values, color=colour, linewidth=1.0)


def _recoveries(axes: Axes, document: Mapping[str, Any]) -> None:
    for shape, colour in (('one fault', '#0072B2'), ('several, lasting or load', '#D55E00')):
        single = shape == 'one fault'
        found = [
            (row['at_s'] / _MINUTE, one['total_ms'])
            for row in document['episodes']
            if single == (row['shape'] in ('single', 'signal') and not row['load'])
            for one in row['recoveries']
            if one['total_ms']
        ]
        if found:
            at, took = zip(*found, strict=True)
            axes.scatter(at, took, s=14, color=colour, label=shape)
    axes.axhline(document['settings']['ftti_ms'], color=INK, linewidth=1.0, linestyle='--')
    axes.set_yscale('log')
    axes.set_ylabel('recovery, ms', fontsize=SMALL)
    if axes.get_legend_handles_labels()[0]:
        # Above the axes: anywhere in them it may hide a recovery.
        axes.legend(
            fontsize=SMALL, frameon=False, ncols=2, loc='lower right', bbox_to_anchor=(1.0, 0.97)
        )


def _losses(axes: Axes, document: Mapping[str, Any]) -> None:
    rows = document['episodes']
    at = [row['at_s'] / _MINUTE for row in rows]
    lost = [sum(row['frames']['lost'].values()) for row in rows]
    axes.vlines(at, 0, lost, color='#D55E00', linewidth=1.5)
    axes.set_ylim(bottom=0)
    axes.set_ylabel('frames lost', fontsize=SMALL)
