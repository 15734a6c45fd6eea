# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A campaign as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from restage.coverage.precision_change import precision_change
from restage.coverage.statistics import by_kind, detector_quality, outcomes, stack_quality
from restage.coverage.trial import CleanFrame, FaultTrial
from restage.report.machine import machine, versions

SCHEMA = 1
GOALS = (
    ('precision', 'at least', 0.96),
    ('recall_critical', 'at least', 0.98),
    ('overhead_percent', 'at most', 1.0),
    ('false_positive_rate', 'at most', 1e-4),
)


def build(
    trials: Sequence[FaultTrial],
    frames: Sequence[CleanFrame],
    costs: Mapping[str, Mapping[str, Any]],
    detectors: Sequence[str],
    settings: Mapping[str, Any],
    facts: Mapping[str, Any],
    classes: int,
) -> dict[str, Any]:
    """
    Return the results.

    :param costs: by detector and for ``stack``, see ``detector_costs``.
    :param detectors: the names of all that were asked.
    :param facts: what else is to be known about the model and its calibration.
    :param classes: how many the model has.
    """
    known = {(frame.sequence, frame.frame): frame for frame in frames}
    details = stack_quality(trials, frames)
    stack = {
        'precision': details['precision']['value'],
        'recall_critical': details['recall_critical']['value'],
        'false_positive_rate': details['false_positive_rate']['value'],
        'overhead_percent': costs['stack']['percent'],
        'details': {**details, 'overhead': costs['stack']},
    }
    kinds = by_kind(trials)
    for kind, found in kinds.items():
        own = [trial for trial in trials if trial.kind == kind]
        found['map'] = precision_change(own, known, classes)
    return {
        'schema': SCHEMA,
        'faults': len(trials),
        'clean_frames': len(frames),
        'outcomes': outcomes(trials),
        'stack': stack,
        'detectors': {
            name: {**detector_quality(name, trials, frames), 'overhead': costs.get(name)}
            for name in detectors
        },
        'kinds': kinds,
        'map': precision_change(trials, known, classes),
        'goals': [_goal(stack, *goal) for goal in GOALS],
        'settings': dict(settings),
        'model': dict(facts),
        'machine': machine(),
        'versions': versions(),
        'false_alarms': [
            {'sequence': frame.sequence, 'frame': frame.frame, 'alarms': frame.alarms}
            for frame in frames
            if frame.alarms
        ],
        'missed': [_short(trial) for trial in trials if trial.critical and not trial.alarms],
    }


def write(document: Mapping[str, Any], path: Path) -> None:
    """
    Write ``document`` to ``path``.

    :raises ValueError: when it holds a number that JSON does not have.
    """
    path.write_text(json.dumps(document, indent=1, allow_nan=False) + '\n', encoding='utf-8')


def _goal(stack: Mapping[str, Any], name: str, sense: str, wanted: float) -> dict[str, Any]:
    value = stack[name]
    met = None
    if value is not None:
        met = value >= wanted if sense == 'at least' else value <= wanted
    return {'what': name, 'goal': f'{sense} {wanted:g}', 'measured': value, 'met': met}


def _short(trial: FaultTrial) -> dict[str, Any]:
    """Return a trial without its detections; the journal has those, and every other trial."""
    data = asdict(trial)
    del data['detections']
    return data
