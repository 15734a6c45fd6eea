# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Run a study, then show and write what came of it."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from restage.stages.loading import BUNDLED, load_model
from restage.study.campaign import Campaign
from restage.study.chart import draw
from restage.study.document import build, write
from restage.study.errors import StudyError
from restage.study.journal import Journal
from restage.study.markdown import write_tables
from restage.study.models.prepare import write_models
from restage.study.page import write_page
from restage.study.pictures import write_pictures
from restage.study.present import Present
from restage.study.probe import probe, reference
from restage.study.settings import StudySettings
from restage.study.table import show


def run_study(
    settings: StudySettings,
    report: Path,
    json_path: Path | None,
    results: Path | None,
    console: Console,
) -> int:
    """
    Return 0: what frameworks do is found out, not demanded.

    :param results: a folder with the results of `restage bench`, for the tiers of Restage.
    :raises StudyError: when no framework can be studied, or the journal is of another study.
    :raises OSError: when the report cannot be written.
    """
    report.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)  # leave the cores to the trials
    with _work(report.resolve() / 'study.work') as work:
        console.print('preparing models and pictures', highlight=False)
        right = reference(write_pictures(work / 'pictures'))
        write_models(work / 'models')
        present: dict[str, Present] = {}
        missing: dict[str, str] = {}
        for name in settings.frameworks:
            found = probe(settings, work, name, right)
            if isinstance(found, Present):
                present[name] = found
            else:
                missing[name] = found
                console.print(f'not studied: {name}: {found}', highlight=False, markup=False)
        if not present:
            raise StudyError('none of the frameworks can be studied')
        journal = Journal(report / 'study.journal.jsonl', _common(settings))
        journal.check({name: one.version for name, one in present.items()})
        campaign = Campaign(settings, work, journal, present)
        with _progress(console) as bar:
            first = bar.add_task('without a mistake', total=None)
            campaign.controls(lambda done, total: bar.update(first, completed=done, total=total))
            second = bar.add_task('with mistakes', total=None)
            campaign.trials(lambda done, total: bar.update(second, completed=done, total=total))
    document = build(settings, present, missing, journal, campaign.not_run, results)
    target = report / 'study.json'
    write(document, target)
    if json_path is not None:
        write(document, json_path)
    pictures = draw(document, report)
    page = write_page(document, pictures, report / 'study.html')
    tables = write_tables(document, report / 'study-tables.md')
    show(document, console)
    written = ', '.join(str(one) for one in (target, page, tables, *pictures.values()))
    console.print(f'written: {written}', highlight=False)
    return 0


def _common(settings: StudySettings) -> dict[str, object]:
    """Return what the trials of one journal have in common."""
    return {
        'seed': settings.seed,
        'threads': settings.threads,
        'deadlines': vars(settings.deadlines),
        'model': load_model(BUNDLED).digest(),
    }


@contextmanager
def _work(path: Path) -> Iterator[Path]:
    """
    Make the folder that everything happens in; what a killed study left is removed.

    :raises StudyError: when another study is at work there.
    """
    held = os.open(path.parent, os.O_RDONLY)
    try:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StudyError(f'another study is at work in {path.parent}') from None
        shutil.rmtree(path, ignore_errors=True)
        for name in ('models', 'pictures'):
            (path / name).mkdir(parents=True)
        try:
            yield path
        finally:
            shutil.rmtree(path, ignore_errors=True)
    finally:
        os.close(held)


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn('{task.description}'),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )
