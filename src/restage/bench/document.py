# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The benchmark as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zlib import crc32

from restage.bench.cells import ARMS, FAULTS
from restage.bench.goal import Evidence
from restage.bench.goals import judge
from restage.bench.ratios import ratios
from restage.bench.statistics import cell_statistics
from restage.bench.trial import Trial
from restage.report.machine import machine, versions

if TYPE_CHECKING:
    from restage.bench.overhead import Overhead

SCHEMA = 1
PERCENTILES = (
    'p50 is the median. p99 is the smallest measured value that 99 % of the trials do not exceed '
    "(the 'higher' order statistic, not interpolated): with n <= 100 it is the maximum. A trial "
    'without good output counts as infinitely long, and a percentile that falls on one is null. '
    'Masked trials have no part in the times. Intervals: bootstrap of the median, 95 %.'
)


def build(
    trials: Sequence[Trial],
    not_applicable: Mapping[tuple[str, str], str],
    overhead: Overhead | None,
    bandwidth: Sequence[Mapping[str, Any]],
    settings: Mapping[str, Any],
) -> dict[str, Any]:
    """
    Return the results; times in ms, those of the raw trials in ns on CLOCK_MONOTONIC.

    :param not_applicable: by arm and fault class, why there is no such cell.
    :param overhead: None when it was not measured.
    :param bandwidth: one entry per tensor or size, each with at least ``percent_of_memcpy``.
    :param settings: ``seed``, ``load``, ``trials`` and what else tells how it was run;
        ``frame_ms``: the whole frame's compute, p50; ``stage_ms``: that of each stage by name, in
        order; ``command``: the command line to run it again.
    """
    seed = int(settings.get('seed', 0))
    arms = {
        arm: {fault: _cell(arm, fault, trials, not_applicable, seed) for fault in FAULTS}
        for arm in ARMS
    }
    compared = ratios(arms)
    costs = None if overhead is None else asdict(overhead)
    evidence = Evidence(arms, trials, compared, costs, bandwidth, settings)
    return {
        'schema': SCHEMA,
        'arms': arms,
        'ratios': compared,
        'overhead': costs,
        'bandwidth': [dict(entry) for entry in bandwidth],
        'goals': [asdict(goal) for goal in judge(evidence)],
        'percentiles': PERCENTILES,
        'settings': dict(settings),
        'machine': machine(),
        'versions': versions(),
        'trials': [{**asdict(trial), 'total_ms': trial.total_ms} for trial in trials],
    }


def write(document: Mapping[str, Any], path: Path) -> None:
    """
    Write ``document`` to ``path``.

    :raises ValueError: when it holds a number that JSON does not have.
    """
    path.write_text(json.dumps(document, indent=1, allow_nan=False) + '\n')


def _cell(
    arm: str,
    fault: str,
    trials: Sequence[Trial],
    not_applicable: Mapping[tuple[str, str], str],
    seed: int,
) -> dict[str, Any]:
    own = [trial for trial in trials if (trial.arm, trial.fault) == (arm, fault)]
    # Of its own for each cell: what one is resampled by does not depend on which others there are.
    found = cell_statistics(own, seed + crc32(f'{arm} {fault}'.encode()))
    reason = not_applicable.get((arm, fault))
    return found if reason is None or own else {**found, 'not_applicable': reason}
