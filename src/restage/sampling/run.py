# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Run a campaign, then show and write what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from restage.coverage.document import write
from restage.sampling.chart import draw
from restage.sampling.context import known_before
from restage.sampling.document import build
from restage.sampling.engine import Engine
from restage.sampling.evaluate import Outcomes, runner
from restage.sampling.journal import Journal
from restage.sampling.page import write_page
from restage.sampling.samplers.base import Context
from restage.sampling.samplers.registry import sampler_named
from restage.sampling.scenario_file import why_not, worst, write_scenario
from restage.sampling.series import Series, run_series
from restage.sampling.settings import SampleSettings
from restage.sampling.speed import measure_speed
from restage.sampling.subjects import make_engine, population
from restage.sampling.table import show
from restage.sampling.table_file import check_installed, write_table
from restage.sampling.truth import Truth, find_truth

WORST = 50  # critical faults that the scenario has at most


def run_sample(
    settings: SampleSettings, report: Path, json_path: Path | None, console: Console
) -> int:
    """
    Return 0 when every goal was met, else 1.

    :raises ValueError: when the model or the journal cannot be used.
    :raises OSError: when the report cannot be written.
    """
    check_installed()
    report.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    engine = make_engine(settings)
    digest = digest_of(engine)
    space = population(settings, engine)
    context, settings = known_before(settings, engine, space, console)
    about = {**settings.of_outcomes(), 'digest': digest}
    journal = Journal(report / 'sample.journal.jsonl', about)
    with runner(settings, engine, space) as run:
        outcomes = Outcomes(run, journal, settings.threshold)
        truth, series = _campaign(settings, context, outcomes, console)
    speed = {'model': measure_speed(engine, engine.space, settings.seed)}
    speed['population'] = (
        speed['model'] if space is engine.space else measure_speed(engine, space, settings.seed)
    )
    document = build(
        settings.as_data(),
        {'name': engine.subject.name, 'digest': digest, 'pictures': engine.subject.pictures},
        space,
        truth,
        series,
        speed,
    )
    target = report / 'sample.json'
    for path in (target, json_path):
        if path is not None:
            write(document, path)
    table = report / 'sample.parquet'
    write_table(table, space, truth, series)
    files = [target, table]
    if not why_not(engine.subject, space):
        hits = [
            (int(fault), float(damage))
            for runs in series.values()
            for one in runs
            for fault, damage in zip(
                one.draws.faults[one.critical], one.figures['damage'][one.critical], strict=True
            )
        ]
        files.append(report / 'sample-critical.yaml')
        write_scenario(files[-1], engine.subject, space, worst(truth, hits, WORST), 'critical')
    pictures = draw(document, report)
    page = write_page(document, pictures, report / 'sample.html')
    show(document, console)
    written = ', '.join(str(one) for one in (*files, page, *pictures.values()))
    console.print(f'written: {written}', highlight=False)
    return 0 if all(goal['met'] is not False for goal in document['goals']) else 1


def _campaign(
    settings: SampleSettings, context: Context, outcomes: Outcomes, console: Console
) -> tuple[Truth, dict[str, list[Series]]]:
    """Run the ground truth, then every sampler; faults that are known are not run again."""
    size = context.space.size
    with _bar(console, 'ground truth', size if settings.elements else settings.truth) as told:
        truth = find_truth(settings, context.space, outcomes, told)
    series: dict[str, list[Series]] = {}
    with _bar(console, 'samplers', len(settings.samplers) * settings.runs) as told:
        for name in settings.samplers:
            series[name] = []
            for number in range(settings.runs):
                series[name].append(
                    run_series(
                        name,
                        sampler_named(name),
                        context,
                        outcomes,
                        (settings.seed, number),
                        settings.budget,
                        settings.stop,
                    )
                )
                told(sum(len(runs) for runs in series.values()))
    return truth, series


def digest_of(engine: Engine) -> str:
    """Return a fingerprint of the weights and of what they are run on."""
    import xxhash

    state = xxhash.xxh3_64()
    tensors = [*engine.subject.weights.values()]
    tensors += [tensor for inputs in engine.subject.inputs for tensor in inputs.values()]
    for tensor in tensors:
        state.update(tensor.detach().contiguous().numpy().tobytes())
    return state.hexdigest()


@contextmanager
def _bar(console: Console, text: str, total: int) -> Iterator[Callable[[int], None]]:
    columns = (
        TextColumn('{task.description}'),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(text, total=total)
        yield lambda done: bar.update(task, completed=done)
