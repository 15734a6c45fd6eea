# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Writing plan files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import yaml

from restage.plan.file import SCHEMA
from restage.plan.result import PlanResult
from restage.report.machine import machine


def save_plan(result: PlanResult, path: Path) -> None:
    """Write the plan of ``result`` to ``path``, as ``load_plan`` reads it."""
    samples, choice = result.samples, result.choice
    data = {
        'schema': SCHEMA,
        'model': result.model,
        'digest': result.digest,
        'stages': list(samples.stages),
        'boundaries': result.names(choice.boundaries),
        'overhead_cap_percent': result.cap_percent,
        'overhead_percent': round(result.overhead_percent(choice), 3),
        'worst_case_ms': _ms(choice.worst_ns),
        'expected_ms': _ms(choice.expected_ns),
        'stage_ms': _all_ms(result.profile.stage_ns),
        'stage_p99_ms': _all_ms(samples.stage_p99_ns()),
        'machine': machine(),
    }
    head = '# Where to checkpoint: made by restage plan, measured on the machine below.\n'
    path.write_text(head + yaml.safe_dump(data, sort_keys=False, default_flow_style=None))


def _ms(time_ns: float) -> float:
    return round(time_ns / 1e6, 3)


def _all_ms(times_ns: Sequence[float]) -> list[float]:
    return [_ms(time) for time in times_ns]
