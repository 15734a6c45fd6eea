# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Measure, plan, print, draw and write."""

from __future__ import annotations

from pathlib import Path

import torch
from rich.console import Console
from rich.progress import Progress

from restage.plan.chart import draw_trade_off
from restage.plan.cut_chart import draw_cuts
from restage.plan.document import make_document, write
from restage.plan.graph_cuts import CutModel, bit_identical
from restage.plan.images import road_images
from restage.plan.measure import measure
from restage.plan.request import PlanRequest
from restage.plan.result import PlanResult
from restage.plan.samples import Samples
from restage.plan.save import save_plan
from restage.plan.table import comparison_table, stage_table, verdict

REFRESH = 10  # frames between two drawings of the progress bar


def run_plan(request: PlanRequest, console: Console) -> int:
    """
    Do what was asked; 0 done, 1 when the plan has no boundaries.

    :raises StageError: when a stage of the model fails.
    :raises StoreError: when there is no room for a checkpoint store.
    :raises PlanError: when the model makes NaN or infinity, or has no images of its size.
    :raises OSError: when a file cannot be written.
    """
    result = PlanResult(
        model=request.model.name,
        digest=request.model.digest(),
        samples=_measured(request, console),
        cap_percent=request.overhead,
        store_image=request.store_image,
        bit_identical=_identical(request),
    )
    show(result, console)
    save_plan(result, request.yaml)
    draw_trade_off(result, request.png)
    written = [request.yaml, request.png]
    if request.cut is not None:
        written += _save_cuts(request.cut, request.yaml, request.png)
    if request.json is not None:
        write(make_document(result, request.seed), request.json)
        written.append(request.json)
    console.print(f'written: {", ".join(map(str, written))}', highlight=False, soft_wrap=True)
    return 0 if result.choice.boundaries else 1


def _identical(request: PlanRequest) -> bool | None:
    return bit_identical(request.model, next(road_images(request.model, request.seed, 1)))


def _save_cuts(cut: CutModel, plan: Path, picture: Path) -> list[Path]:
    """Write the model's description with its cuts, and draw them; return the files."""
    described = plan.with_name(f'{cut.description.name}.yaml')
    drawn = picture.with_name(f'{picture.stem}-cuts.png')
    cut.description.save([one.name for one in cut.cuts], described)
    draw_cuts(cut, drawn)
    return [described, drawn]


def show(result: PlanResult, console: Console) -> None:
    """Print the tables and the verdict."""
    console.print(stage_table(result))
    console.print(
        'write: NaN check, copy and checksum of all that is live; what an earlier checkpoint of '
        'the frame stored is not written again. fault costs: with this plan, if it strikes here.\n',
        style='dim',
    )
    console.print(comparison_table(result))
    said = {True: 'bit for bit', False: 'NOT bit for bit', None: 'nobody knows whether bit for bit'}
    console.print(f'\nthe stages make what the uncut network makes: {said[result.bit_identical]}')
    colour = 'bold' if result.choice.boundaries else 'yellow'
    console.print(f'\n{verdict(result)}', style=colour, highlight=False)


def _measured(request: PlanRequest, console: Console) -> Samples:
    """Measure on one thread, as a detection node runs by default."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        # No thread that draws while something is timed: the bar moves between frames.
        with Progress(console=console, transient=True, auto_refresh=False) as progress:
            task = progress.add_task('frames', total=request.frames)
            return measure(
                request.model,
                road_images(request.model, request.seed, request.frames),
                lambda done: progress.update(task, completed=done, refresh=done % REFRESH == 0),
            )
    finally:
        torch.set_num_threads(threads)
