# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Measure one model: alone in this process, then in a running system."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from time import perf_counter_ns
from typing import Any

import torch

from restage.bench.bed import Bed
from restage.bench.default_options import default_options
from restage.bench.overhead import measure as measure_overhead
from restage.bench.pace import Pace
from restage.bench.statistics import cell_statistics
from restage.bench.store import room_mb
from restage.bench.trial import Trial
from restage.plan.images import road_images
from restage.plan.measure import measure as measure_costs
from restage.plan.result import PlanResult
from restage.plan.save import save_plan
from restage.report.summary import summarize
from restage.sizing import costs
from restage.sizing.settings import EVENTS, SizingSettings
from restage.sizing.subject import Subject
from restage.sizing.weights import measure_weights
from restage.stages.loading import calibration_of, load_model, warm_up
from restage.stages.runner import StageRunner

Told = Callable[[str], None]
STARTS = 3


def measure_model(
    subject: Subject, settings: SizingSettings, folder: Path, log_folder: Path, told: Told
) -> dict[str, Any]:
    """
    Return all figures of one model, as docs/scaling.md describes them.

    On one thread, as a detection node. ``folder``: for the plan that the nodes shall read.
    ``told``: hears what is measured now, what came of it, and what went wrong.

    :raises StageError: when a stage fails.
    :raises StoreError: when there is no room for checkpoints.
    :raises PlanError: when a stage makes NaN or infinity.
    :raises NotReadyError: when the system does not come up.
    """
    torch.set_num_threads(1)
    model, load = subject.model, partial(load_model, subject.spec)
    told(f'{subject.title}: {settings.frames} frames')
    images = road_images(model, settings.seed, settings.frames)
    samples = measure_costs(model, images)
    planned = settings.cap_percent is not None
    result = PlanResult(
        model=model.name,
        digest=model.digest(),
        samples=samples,
        cap_percent=settings.cap_percent or 0.0,
    )
    plan = ''
    if planned:
        plan = str(folder / f'{model.name}.plan.yaml')
        save_plan(result, Path(plan))
    room = room_mb(model)
    budget_ms = default_options().weight_check_ms
    weights = measure_weights(load, budget_ms)
    start = _start(load)
    overhead = None
    if settings.pairs:
        told(f'{subject.title}: {settings.pairs} frames with fault tolerance and without')
        overhead = measure_overhead(
            settings.pairs,
            settings.seed,
            model=subject.spec,
            plan=plan,
            store_mb=room,
            split=False,
        )
    pace = Pace.of([time / 1e6 for time in result.profile.stage_ns])
    bed = Bed(
        model=subject.spec,
        seed=settings.seed,
        plan=plan,
        source=settings.source,
        frames=settings.clip,
        pace=pace,
        store_mb=room,
    )
    order = settings.order()
    trials: list[Trial] = []
    if order:
        told(f'{subject.title}: {len(order)} faults at {pace.rate_hz:g} Hz')
        trials = bed.run(order, log_folder, partial(_say, told), told)
    return {
        'title': subject.title,
        'name': model.name,
        'input': list(model.input_size),
        'parameters': sum(weight.numel() for weight in model.weights.values()),
        'weights_bytes': weights.nbytes,
        'stages': costs.stages(samples),
        'frame_ms': summarize(costs.frames_ms(samples)),
        'checkpoint': costs.checkpoint(result, costs.chosen(model, result, planned=planned)),
        'weights': {
            'check_ms': summarize([time / 1e6 for time in weights.check_ns]),
            'reload_ms': summarize([time / 1e6 for time in weights.reload_ns]),
            'frames_per_round': weights.frames_per_round,
        },
        'start': start,
        'pace': {**asdict(pace), 'lowered': pace.lowered, 'store_mb': room},
        'calibrated': calibration_of(subject.spec).exists(),
        'overhead': None if overhead is None else asdict(overhead),
        'recoveries': _recoveries(trials, settings.seed),
    }


def _start(load: Callable[[], Any]) -> dict[str, Any]:
    """Return how long loading and warming up take in a process that has its imports, ms."""
    load_ms, warm_ms = [], []
    for _ in range(STARTS):
        begun = perf_counter_ns()
        model = load()
        loaded = perf_counter_ns()
        warm_up(StageRunner(model))
        load_ms.append((loaded - begun) / 1e6)
        warm_ms.append((perf_counter_ns() - loaded) / 1e6)
    return {'load_ms': summarize(load_ms), 'warm_ms': summarize(warm_ms)}


def _recoveries(trials: list[Trial], seed: int) -> dict[str, Any]:
    found = {}
    for name, cell in EVENTS.items():
        own = [trial for trial in trials if (trial.arm, trial.fault) == cell]
        raw = [{**asdict(trial), 'total_ms': trial.total_ms} for trial in own]
        found[name] = {**cell_statistics(own, seed), 'trials': raw}
    return found


def _say(told: Told, trial: Trial, number: int, planned: int) -> None:
    total = 'no output' if trial.total_ms is None else f'{trial.total_ms:.1f} ms'
    told(f'{number:4}/{planned} {trial.arm:17} {trial.fault:9} {total:>10} {trial.outcome}')
