# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Measure one model after the other, and keep what was measured when something stops it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console

from restage.harness.session import NotReadyError
from restage.sizing.measure import measure_model
from restage.sizing.settings import SizingSettings
from restage.sizing.subject import Subject


@dataclass
class Campaign:
    """``models``: what came of each; ``complete``: nothing that was asked for is missing."""

    models: list[dict[str, Any]] = field(default_factory=list)
    complete: bool = True


def run_campaign(
    subjects: Iterable[Subject],
    settings: SizingSettings,
    folder: Path,
    report: Path,
    console: Console,
) -> Campaign:
    """
    Measure ``subjects`` until the last one, or until trials are missing; see `measure_model`.

    ``folder``: for files that are not needed afterwards. ``report``: the nodes log in its ``log``.
    """
    found = Campaign()

    def told(text: str) -> None:
        console.print(text, highlight=False, markup=False)

    for number, subject in enumerate(subjects):
        log = report / 'log' / f'{number}-{subject.model.name}'
        try:
            measured = measure_model(subject, settings, folder, log, told)
        except NotReadyError as error:
            told(f'{subject.title}: {error}')
            found.complete = False
            break
        found.models.append(measured)
        done = sum(one['n'] for one in measured['recoveries'].values())
        if done < len(settings.order()):
            found.complete = False
            break
    return found
