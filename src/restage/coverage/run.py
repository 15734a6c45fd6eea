# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Run a campaign, then show and write what came of it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path

import torch
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from restage.coverage.campaign import run_campaign
from restage.coverage.chart import draw
from restage.coverage.cost import detector_costs
from restage.coverage.document import build, write
from restage.coverage.frames import sequences
from restage.coverage.journal import Journal
from restage.coverage.page import write_page
from restage.coverage.pictures import draw_worst
from restage.coverage.rig import EXCEPTION, Rig
from restage.coverage.settings import CoverageSettings
from restage.coverage.table import show
from restage.detect.calibration import load_calibration
from restage.detect.detector import ErrorDetector
from restage.detect.stack import StackOptions, make_stack
from restage.nodes.boundaries import boundary_indices, checked_stages
from restage.stages.loading import calibration_of, load_model, warm_up
from restage.stages.runner import StageRunner
from restage.weights.golden import GoldenWeights
from restage.weights.guard import WeightGuard

WHOLE_BUDGET_NS = 10**12
COST_IMAGES = 60


def run_coverage(
    settings: CoverageSettings, report: Path, json_path: Path | None, console: Console
) -> int:
    """
    Return 0 when every goal was met, else 1.

    :raises ValueError: when the model, its calibration or the journal cannot be used.
    :raises OSError: when the report cannot be written.
    """
    report.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)  # as in a detection node
    load = partial(load_model, settings.model)
    model = load()
    path = Path(settings.calibration) if settings.calibration else calibration_of(settings.model)
    calibration = load_calibration(path, model.digest())
    guard = WeightGuard(model, GoldenWeights(model, None), WHOLE_BUDGET_NS, load)
    checked = checked_stages(model, boundary_indices(settings.boundaries, model))
    options = StackOptions(margin=settings.margin)

    def fresh() -> list[ErrorDetector]:
        return make_stack(model, checked, guard, calibration, options)

    warm_up(StageRunner(model, fresh()))
    journal = Journal(
        report / 'coverage.journal.jsonl', {**settings.as_data(), 'digest': model.digest()}
    )
    with _progress(console) as bar:
        task = bar.add_task('faults and clean frames')
        run_campaign(
            settings,
            lambda: Rig(model, fresh(), guard),
            journal,
            lambda done, total: bar.update(task, completed=done, total=total),
        )
    console.print(f'cost of each detector: {settings.pairs} pairs of frames', highlight=False)
    first = sequences(settings.sources[0], COST_IMAGES)[0]
    images = [frame.image for frame in islice(first.frames(), COST_IMAGES)]
    costs = detector_costs(model, fresh(), images, settings.pairs, settings.seed)
    detectors = [EXCEPTION, *(detector.name for detector in fresh())]
    document = build(
        journal.trials,
        journal.frames,
        costs,
        detectors,
        settings.as_data(),
        {
            'name': model.name,
            'digest': model.digest(),
            'calibrated_on': f'{calibration.frames} frames of {calibration.source}',
        },
        len(model.class_names),
    )
    target = report / 'coverage.json'
    write(document, target)
    if json_path is not None:
        write(document, json_path)
    pictures = draw(document, report)
    worst = draw_worst(
        journal.trials, journal.frames, settings, model.class_names, report / 'coverage-worst.jpg'
    )
    if worst is not None:
        pictures['worst'] = worst
    page = write_page(document, pictures, report / 'coverage.html')
    show(document, console)
    written = ', '.join(str(one) for one in (target, page, *pictures.values()))
    console.print(f'written: {written}', highlight=False)
    return 0 if all(goal['met'] for goal in document['goals']) else 1


def quick(settings: CoverageSettings) -> CoverageSettings:
    """Return a campaign that takes less than a minute."""
    return replace(settings, clean_frames=300, faults=270, pairs=20)


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn('{task.description}'),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )
