# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""How the figures of a model are written for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from restage.bench.wording import cell_time, number

Model = Mapping[str, Any]


def times(summary: Mapping[str, Any], digits: int = 1) -> str:
    """Return p50 / p99, ms; '-' where nothing was measured."""
    if not summary['n']:
        return '-'
    return f'{number(summary["p50"], digits)} / {number(summary["p99"], digits)}'


def recovery(cell: Mapping[str, Any]) -> str:
    """Return p50 / worst, ms, and how many trials there were."""
    if not cell['n']:
        return 'not run'
    if not cell['n_timed'] and not cell['unrecovered']:
        return f'masked ({cell["n"]})'
    return f'{cell_time(cell, "p50_ms")} / {cell_time(cell, "max_ms")} ({cell["n"]})'


def size(nbytes: float) -> str:
    """Return a number of bytes in kB or MB (1000, 1000 000)."""
    return f'{nbytes / 1e6:.1f} MB' if nbytes >= 1e6 else f'{nbytes / 1e3:.0f} kB'


def ratio(above: float | None, below: float | None) -> str:
    """Return how many times ``below`` is in ``above``; '-' where either is unknown."""
    return f'{number(above / below)} x' if above and below else '-'


def rate(model: Model) -> str:
    """Return the camera's rate, and whether it is lower than that of small models."""
    pace = model['pace']
    return f'{pace["rate_hz"]:g} Hz' + (', lowered' if pace['lowered'] else '')


def every(frames: int) -> str:
    """Return how often each weight is checked."""
    return 'each frame' if frames == 1 else f'in {frames} frames' if frames else 'never'


def joined(names: Sequence[str]) -> str:
    """Return names, or that there are none."""
    return ', '.join(names) or 'none'
