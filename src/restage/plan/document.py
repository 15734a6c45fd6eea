# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The plan and all it rests on as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from restage.checkpoint.boundaries import IMAGE
from restage.plan.choice import Choice
from restage.plan.result import PlanResult
from restage.report.machine import machine, versions
from restage.report.summary import summarize

SCHEMA = 1


def make_document(result: PlanResult, seed: int) -> dict[str, Any]:
    """
    Return the results; stage times in ms, those of tensors in us, raw samples beside them.

    ``out_bytes`` of a stage: of all that the stages behind it still read.
    """
    samples = result.samples
    return {
        'schema': SCHEMA,
        'model': result.model,
        'digest': result.digest,
        'seed': seed,
        'overhead_cap_percent': result.cap_percent,
        'store_image': result.store_image,
        'checkpoints': result.names(result.choice.boundaries),
        'bit_identical': result.bit_identical,
        'plan': _choice(result, result.choice),
        'no_checkpoints': _choice(result, result.none),
        'all_boundaries': _choice(result, result.all),
        'trade_off': [_choice(result, choice) for choice in result.front],
        'stages': [
            {
                'name': name,
                'ms': round(float(np.median(times)) / 1e6, 4),
                'out_bytes': samples.nbytes(boundary),
                'stage_ms': summarize([time / 1e6 for time in times]),
            }
            for boundary, (name, times) in enumerate(
                zip(samples.stages, samples.stage_ns, strict=True)
            )
        ],
        'boundaries': [
            {'name': name, 'live': list(live), 'bytes': samples.nbytes(boundary)}
            for boundary, (name, live) in enumerate(
                zip(samples.boundaries, samples.live, strict=True), IMAGE
            )
        ],
        'tensors': [
            {
                'name': one.name,
                'made_at': samples.boundaries[one.made + 1],
                'bytes': one.nbytes,
                'check_us': summarize([time / 1e3 for time in one.check_ns]),
                'commit_us': summarize([time / 1e3 for time in one.commit_ns]),
                'restore_us': summarize([time / 1e3 for time in one.restore_ns]),
            }
            for one in samples.tensors.values()
        ],
        'machine': machine(),
        'versions': versions(),
    }


def write(document: dict[str, Any], path: Path) -> None:
    """Write ``document`` to ``path``."""
    path.write_text(json.dumps(document, indent=1) + '\n')


def _choice(result: PlanResult, choice: Choice) -> dict[str, Any]:
    return {
        'boundaries': result.names(choice.boundaries),
        'overhead_percent': round(result.overhead_percent(choice), 3),
        'worst_case_ms': round(choice.worst_ns / 1e6, 3),
        'expected_ms': round(choice.expected_ns / 1e6, 3),
        'recovery_ms': [round(cost / 1e6, 3) for cost in choice.recovery_ns],
    }
