# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Measure a family of networks and fit how their costs grow."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from restage.scale.chart import draw
from restage.scale.document import build
from restage.scale.page import page
from restage.scale.points import Grid, subjects
from restage.scale.table import show
from restage.sizing.campaign import run_campaign
from restage.sizing.settings import SizingSettings


def run_scale(
    grid: Grid, settings: SizingSettings, report: Path, json_path: Path | None, console: Console
) -> int:
    """
    Return 0 when everything was measured, 1 when something is missing.

    :raises ValueError: when a network cannot be made.
    :raises OSError: when a file cannot be written.
    """
    report.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix='restage-scale-') as name:
        folder = Path(name)
        networks = subjects(grid.points(), folder)
        found = run_campaign(networks, settings, folder, report, console)
    series = {key: [one.name for one in points] for key, points in grid.series().items()}
    document = build(found.models, series, {**asdict(grid), **asdict(settings)})
    files = [report / 'scale.json', *([json_path] if json_path is not None else [])]
    for file in files:
        file.write_text(json.dumps(document, indent=1, allow_nan=False) + '\n')
    picture, html = report / 'scale.png', report / 'scale.html'
    draw(document, picture)
    html.write_text(page(document, picture.read_bytes()), encoding='utf-8')
    show(document, console)
    console.print(f'written: {", ".join(map(str, [*files, picture, html]))}', highlight=False)
    return 0 if found.complete else 1
