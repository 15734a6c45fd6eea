# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Harden a network, measure what each part of it is worth, show and write it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from safetensors.torch import save_file

from restage.coverage.document import write
from restage.coverage.table import goal_table
from restage.hardening.classifier_run import harden_and_measure as with_classifier
from restage.hardening.detector_run import harden_and_measure as with_detector
from restage.hardening.document import build
from restage.hardening.page import COLUMNS, cells, write_page
from restage.hardening.settings import HardenSettings
from restage.stages.loading import BUNDLED


def run_harden(
    settings: HardenSettings, out: Path, report: Path, json_path: Path | None, console: Console
) -> int:
    """
    Write the hardened weights to ``out``; return 0 when every goal was met, else 1.

    :raises ValueError: when there is nothing critical to train with.
    :raises OSError: when a file cannot be written.
    """
    report.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    measure = with_detector if settings.model == BUNDLED else with_classifier
    hardened = measure(settings, lambda text: console.print(text, highlight=False))
    save_file(
        {name: value.contiguous() for name, value in hardened.state.items()},
        str(out),
        metadata={'model': settings.model, 'license': 'Apache-2.0'},
    )
    document = build(settings, hardened)
    target = report / 'harden.json'
    for path in (target, json_path):
        if path is not None:
            write(document, path)
    page = write_page(document, report / 'harden.html')
    _show(document, console)
    console.print(f'written: {out}, {target}, {page}', highlight=False)
    return 0 if all(goal['met'] is not False for goal in document['goals']) else 1


def _show(document: dict[str, Any], console: Console) -> None:
    table = Table(title='Under the same critical faults', title_justify='left', box=SIMPLE_HEAD)
    table.add_column('network', no_wrap=True)
    for name in COLUMNS:
        table.add_column(name, justify='right', no_wrap=True)
    for name, one in document['variants'].items():
        table.add_row(name, *cells(one))
    console.print(table)
    for name, one in document['search'].items():
        console.print(
            f'{name}: {one["critical"]} critical faults in {one["trials"]} trials', highlight=False
        )
    console.print(goal_table(document))
