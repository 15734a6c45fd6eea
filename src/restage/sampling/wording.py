# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The figures of a campaign as people read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

COLUMNS = (
    'precision',
    '95 %',
    'x diversity',
    'cells',
    'recall',
    'SDC rate',
    '95 %',
    'held',
    'faults/s',
)


def cells(found: Mapping[str, Any]) -> list[str]:
    """Return the figures of one sampler, in the order of COLUMNS."""
    estimates = found['estimates']
    holds = estimates['covers_truth'] if estimates else None
    return [
        f'{found["precision_at_100"]:.3f}',
        _between(found['precision_ci95'], 3),
        f'{found["precision_times_diversity"]:.2f}',
        f'{found["diversity"]["cells"]:.1f}',
        '-' if found['recall'] is None else f'{found["recall"]:.4f}',
        '-' if found['sdc_rate'] is None else f'{found["sdc_rate"]:.4f}',
        '-' if found['sdc_rate'] is None else _between(found['sdc_rate_ci95'], 4),
        f'{holds["count"]} of {holds["of"]}' if holds else '-',
        f'{found["faults_per_s"]:.0f}',
    ]


def truth_line(document: Mapping[str, Any]) -> str:
    """Return the ground truth and the speed in a sentence."""
    truth, speed = document['ground_truth'], document['speed']['model']
    return (
        f'ground truth ({truth["kind"]}, {truth["n"]} of {document["population"]["faults"]} '
        f'faults): SDC rate {truth["sdc_rate"]:.5f} (95 %: {_between(truth["ci95"], 5)}); '
        f'uniform faults of the whole model: {speed["faults_per_s"]:.0f} a second on one core, '
        f'{speed["ratio"]:.1f} x the naive runs, '
        f'{speed["same_outcome"]} of {speed["faults"]} with the same outcome'
    )


def _between(limits: list[float], digits: int) -> str:
    low, high = limits
    return f'{low:.{digits}f} to {high:.{digits}f}'
