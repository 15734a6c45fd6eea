# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""One training session: render, train, save, measure, report."""

from __future__ import annotations

import json
import platform
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import torch
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TimeRemainingColumn

from restage.detector.heldout import FRAMES, SCENES, Report, evaluate_held_out
from restage.detector.samples import render_samples
from restage.detector.staged import staged
from restage.detector.training import Recipe, train
from restage.detector.weights import load_network, save_weights
from restage.scene import WEATHERS

EVALUATION_THRESHOLD = 0.02


def train_and_measure(
    *,
    out: Path,
    json_path: Path | None,
    seed: int,
    frames: int,
    epochs: int,
    workers: int,
    quick: bool,
    console: Console,
) -> float:
    """Train a detector, write it to ``out`` and its metrics to ``json_path``; return mAP."""
    started = perf_counter()
    scenes, per_scene, batch = SCENES, FRAMES, 8
    if quick:
        frames, epochs, scenes, per_scene, batch, workers = 8, 1, 1, 1, 4, 1
    columns = (SpinnerColumn(), *Progress.get_default_columns()[:3], TimeRemainingColumn())
    with (
        TemporaryDirectory(prefix='restage-train-') as folder,
        Progress(*columns, console=console) as progress,
    ):
        rendering = progress.add_task('rendering', total=frames)
        samples = render_samples(
            Path(folder), frames, seed, workers, lambda count: progress.advance(rendering, count)
        )
        training = progress.add_task('training')

        def told(step: int, steps: int, score: float, box: float) -> None:
            label = f'training: score loss {score:.3f}, box loss {box:.3f}'
            progress.update(training, completed=step, total=steps, description=label)
            if step % 100 == 0:
                progress.log(f'step {step} of {steps}: score {score:.3f}, box {box:.3f}')

        network = train(samples, Recipe(seed=seed, epochs=epochs, batch=batch), told)
        save_weights(network, out)
        measuring = progress.add_task('measuring', total=scenes * per_scene * len(WEATHERS))
        report = evaluate_held_out(
            staged(load_network(out), EVALUATION_THRESHOLD),
            lambda count: progress.update(measuring, completed=count),
            scenes,
            per_scene,
        )
    show(report, console)
    if json_path is not None:
        record = {
            'schema': 'restage.train/1',
            'machine': {'processor': platform.processor(), 'system': platform.platform()},
            'versions': {'python': platform.python_version(), 'torch': torch.__version__},
            'seed': seed,
            'frames': frames,
            'epochs': epochs,
            'seconds': round(perf_counter() - started, 1),
            'held_out': asdict(report),
        }
        json_path.write_text(json.dumps(record, indent=2) + '\n', encoding='utf-8')
    return report.mean


def show(report: Report, console: Console) -> None:
    """Print what was measured."""
    console.print(f'mAP@0.5 {report.mean:.3f} on {report.frames} held-out frames')
    for name, value in (*report.per_class.items(), *report.per_weather.items()):
        console.print(f'  {name:14} {value:.3f}')
    console.print(
        f'best F1 at score {report.threshold:.2f}: precision {report.precision:.3f}, '
        f'recall {report.recall:.3f}'
    )
