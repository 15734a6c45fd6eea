# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The pictures of a campaign."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from restage.report.palette import INK, QUIET, SMALL, head, new_figure, plain, save
from restage.sampling.samplers.registry import RESTAGE, TOP_BIT, UNIFORM

CAPTIONS = {
    'precision': 'Critical faults among the first n that each sampler drew: mean over the runs, '
    'and the middle 95 % of them.',
    'heat': 'Share of critical faults in the ground truth by layer and bit; bit 0 is the lowest. '
    'White: none was run.',
    'rate': 'The rate of critical faults as each sampler estimates it in its first run, with the '
    '95 % interval, and on average over the runs; the ground truth as a line, or a band.',
}


def draw(document: Mapping[str, Any], folder: Path) -> dict[str, Path]:
    """Write the pictures into ``folder``; return their paths by name."""
    figures = {
        'precision': precision_figure(document),
        'heat': heat_figure(document),
        'rate': rate_figure(document),
    }
    paths = {name: folder / f'sample-{name}.png' for name in figures}
    for name, made in figures.items():
        save(made, paths[name])
    return paths


def shown(document: Mapping[str, Any]) -> dict[str, str]:
    """Return the colours of the samplers in the picture; of the variants of ISimDL the best."""
    known = document['samplers']
    wanted = [UNIFORM, document['ratios']['isimdl_best'], TOP_BIT]
    chosen = [name for name in dict.fromkeys(wanted) if name in known]
    colours = dict(zip(chosen, ('#999999', '#0072B2', '#D55E00'), strict=False))
    if RESTAGE in known:
        colours[RESTAGE] = '#009E73'
    return colours


def precision_figure(document: Mapping[str, Any]) -> Figure:
    """Return the precision curves with bands."""
    figure = new_figure(4.6)
    axes = figure.subplots()
    handles: list[Artist] = []
    for name, colour in shown(document).items():
        curve = document['samplers'][name]['curve']
        axes.fill_between(curve['n'], curve['low'], curve['high'], color=colour, alpha=0.18, lw=0)
        axes.plot(curve['n'], curve['mean'], color=colour, linewidth=2)
        handles.append(Line2D([], [], color=colour, linewidth=2, label=name))
    axes.set_ylim(0, 1.02)
    axes.set_xlim(left=0)
    axes.set_xlabel('faults injected', fontsize=SMALL)
    axes.set_ylabel('critical among them', fontsize=SMALL)
    axes.grid(alpha=0.25)
    plain(axes)
    head(figure, f'Precision on {document["model"]["name"]}', handles)
    return figure


def heat_figure(document: Mapping[str, Any]) -> Figure:
    """Return layer x bit."""
    layers = document['population']['layers']
    values = np.array(document['heat_map'], float)  # None becomes NaN
    figure = new_figure(1.8 + 0.28 * len(layers))
    axes = figure.subplots()
    image = axes.imshow(values, aspect='auto', cmap='cividis', vmin=0.0, vmax=1.0)
    axes.set_yticks(range(len(layers)), layers)
    axes.set_xticks(range(0, values.shape[1], 1 if values.shape[1] <= 16 else 2))
    axes.set_xlabel('bit', fontsize=SMALL)
    plain(axes)
    figure.colorbar(image, ax=axes, label='critical share')
    head(figure, 'Critical faults by layer and bit', [Patch(color='white', label='')])
    return figure


def rate_figure(document: Mapping[str, Any]) -> Figure:
    """Return the estimates beside the ground truth."""
    known = {n: s for n, s in document['samplers'].items() if s['estimates'] is not None}
    figure = new_figure(1.6 + 0.4 * len(known))
    axes = figure.subplots()
    truth = document['ground_truth']
    axes.axvspan(*truth['ci95'], color='#E69F00', alpha=0.35, lw=0)
    axes.axvline(truth['sdc_rate'], color='#E69F00', linewidth=2)
    for place, found in enumerate(known.values()):
        low, high = found['sdc_rate_ci95']
        axes.plot([low, high], [place, place], color=QUIET, linewidth=5, alpha=0.5)
        axes.plot(found['sdc_rate'], place, 'o', color=QUIET)
        axes.plot(found['estimates']['mean'], place, '|', color=INK, markersize=14, mew=2)
    axes.set_yticks(range(len(known)), list(known))
    axes.invert_yaxis()
    axes.set_xlim(left=0.0, right=max(5 * truth['sdc_rate'], 1e-3))
    axes.set_xlabel('rate of critical faults', fontsize=SMALL)
    plain(axes)
    handles = [
        Line2D([], [], color='#E69F00', linewidth=2, label='ground truth'),
        Line2D([], [], color=QUIET, marker='o', linewidth=5, alpha=0.5, label='first run, 95 %'),
        Line2D(
            [], [], color=INK, marker='|', linestyle='', markersize=14, label='mean of all runs'
        ),
    ]
    head(figure, 'Estimated rate of critical faults', handles)
    return figure
