# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The pictures of the benchmark."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from restage.bench.distributions import distributions
from restage.bench.timelines import timelines
from restage.report.palette import save

CAPTIONS = {
    'distributions': (
        'Every trial by fault class and recovery arm: time from the injection to the receipt of '
        'the next valid detections by another process, in ms on a logarithmic axis. Box: '
        'quartiles; black: median; whiskers: least and most (from five trials on).'
    ),
    'timelines': (
        'The median trial of the best arm for each fault class, split into detection, decision, '
        'restoring and recomputing, in ms; beside it the median of a process reset, in seconds.'
    ),
}


def draw(document: Mapping[str, Any], folder: Path, stem: str = 'bench') -> dict[str, Path]:
    """Write every picture of ``document`` into ``folder``; return their paths by name."""
    paths = {name: folder / f'{stem}-{name}.png' for name in CAPTIONS}
    draw_distributions(document, paths['distributions'])
    draw_timelines(document, paths['timelines'])
    return paths


def draw_distributions(document: Mapping[str, Any], path: Path) -> None:
    """Write every trial by fault class and arm as a PNG."""
    save(distributions(document), path)


def draw_timelines(document: Mapping[str, Any], path: Path) -> None:
    """Write the phases of one recovery of each fault class as a PNG."""
    save(timelines(document), path)
