# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Measure models one after the other and put them side by side."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console

from restage.compare.page import page
from restage.compare.table import show
from restage.made.network import RESNET50_FPN
from restage.made.write import write
from restage.report.machine import machine, versions
from restage.sizing.campaign import run_campaign
from restage.sizing.settings import SizingSettings
from restage.sizing.subject import Subject

SCHEMA = 1
# The name of the large network that the project makes itself.
LARGE = 'resnet50_fpn'


def run_compare(
    models: Sequence[str],
    side: int,
    settings: SizingSettings,
    report: Path,
    json_path: Path | None,
    console: Console,
) -> int:
    """
    Return 0 when everything was measured, 1 when something is missing.

    ``side``: of the input of LARGE, pixels.

    :raises ValueError: for a model that cannot be used.
    :raises OSError: when a file cannot be written.
    """
    report.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix='restage-compare-') as name:
        folder = Path(name)
        subjects = [_subject(spec, side, folder / str(at)) for at, spec in enumerate(models)]
        found = run_campaign(subjects, settings, folder, report, console)
    document = build(found.models, {'models': list(models), 'input': side, **asdict(settings)})
    files = [report / 'compare.json', *([json_path] if json_path is not None else [])]
    for file in files:
        file.write_text(json.dumps(document, indent=1, allow_nan=False) + '\n')
    html = report / 'compare.html'
    html.write_text(page(document), encoding='utf-8')
    show(document, console)
    console.print(f'written: {", ".join(map(str, [*files, html]))}', highlight=False)
    return 0 if found.complete else 1


def build(models: Sequence[dict[str, Any]], settings: dict[str, Any]) -> dict[str, Any]:
    """Return the results; times in ms, those of the raw trials in ns on CLOCK_MONOTONIC."""
    return {
        'schema': SCHEMA,
        'models': list(models),
        'settings': {**settings, 'command': shlex.join(['restage', *sys.argv[1:]])},
        'machine': machine(),
        'versions': versions(),
    }


def _subject(spec: str, side: int, folder: Path) -> Subject:
    """Return the model, its files in a folder of its own: names need not differ."""
    folder.mkdir()
    if spec == LARGE:
        spec = str(write(RESNET50_FPN, side, folder / f'{LARGE}.pt2'))
    return Subject.of(spec, folder)
