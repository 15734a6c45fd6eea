# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Measure, then show and write what came of it."""

from __future__ import annotations

import shlex
import sys
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import torch
from rich.console import Console

from restage.bench.cells import not_applicable
from restage.bench.chart import draw
from restage.bench.document import build, write
from restage.bench.overhead import Overhead, measure
from restage.bench.pace import Pace
from restage.bench.page import write_page
from restage.bench.run import BenchSettings, run_trials
from restage.bench.store import room_mb, store_bandwidth
from restage.bench.stress import every_core, stress
from restage.bench.table import show
from restage.bench.trial import Trial
from restage.camera.source import open_source
from restage.detector.speed import stage_times_ms
from restage.harness.session import NotReadyError
from restage.stages.loading import load_model
from restage.stages.model import StagedModel


def run_bench(
    settings: BenchSettings, report: Path, json_path: Path | None, console: Console
) -> int:
    """Return 0 when every goal was met, 1 when not, 2 for a model or source that is no use."""
    torch.set_num_threads(1)  # as in a detection node
    try:
        model = load_model(settings.model)
        if settings.source:
            open_source(settings.source, seed=0, width=0, height=0).close()
        report.mkdir(parents=True, exist_ok=True)
    except (ValueError, OSError) as error:
        console.print(f'[red]restage bench:[/] {error}', highlight=False, markup=False)
        return 2
    room = room_mb(model)
    overhead, bandwidth, stage_ms = _costs(settings, model, room, console)
    planned = len([cell for cells in settings.rounds() for cell in cells])
    pace = Pace.of(list(stage_ms.values()))
    console.print(
        f'recoveries: {planned} trials at {pace.rate_hz:g} Hz, logs in {report / "log"}',
        highlight=False,
    )
    try:
        trials = run_trials(
            settings, pace, room, report / 'log', partial(_tell, console), partial(_warn, console)
        )
    except NotReadyError as error:
        console.print(f'[red]restage bench:[/] {error}', highlight=False, markup=False)
        return 1
    document = build(
        trials,
        not_applicable(list(settings.arms), list(settings.faults)),
        overhead,
        bandwidth,
        {
            **asdict(settings),
            'command': shlex.join(['restage', *sys.argv[1:]]),
            'frame_ms': round(sum(stage_ms.values()), 3),
            'stage_ms': stage_ms,
            **asdict(pace),
        },
    )
    stem = 'bench-load' if settings.load else 'bench'
    target = report / f'{stem}.json'
    write(document, target)
    if json_path is not None:
        write(document, json_path)
    pictures = draw(document, report, stem)
    page = write_page(document, pictures, report / f'{stem}.html')
    show(document, console)
    written = ', '.join(str(path) for path in (target, page, *pictures.values()))
    console.print(f'written: {written}', highlight=False)
    complete = len(trials) == planned
    return 0 if complete and all(goal['met'] for goal in document['goals']) else 1


def _costs(
    settings: BenchSettings, model: StagedModel, store_mb: int, console: Console
) -> tuple[Overhead, list[dict[str, Any]], dict[str, float]]:
    """Measure what fault tolerance costs while nothing fails, before anything else runs."""
    console.print(
        f'overhead: {settings.pairs} frames with fault tolerance and without', highlight=False
    )
    with stress(every_core() if settings.load else 0):
        overhead = measure(
            settings.pairs,
            settings.seed,
            model=settings.model,
            plan=settings.plan,
            store_mb=store_mb,
        )
        return overhead, store_bandwidth(model), stage_times_ms(model)


def _tell(console: Console, trial: Trial, number: int, planned: int) -> None:
    total = '-' if trial.total_ms is None else f'{trial.total_ms:.1f} ms'
    tiers = ', '.join(trial.tiers) or '-'
    console.print(
        f'{number:4}/{planned} {trial.arm:17} {trial.fault:19} {total:>10} {tiers}', highlight=False
    )


def _warn(console: Console, text: str) -> None:
    console.print(f'[yellow]{text}[/]', highlight=False)
