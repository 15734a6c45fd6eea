# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What faults do to the mean average precision: as they are, and with what was seen put right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from restage.coverage.trial import CleanFrame, FaultTrial, Rows
from restage.detector.evaluate import Floats, Truth, mean_average_precision

Key = tuple[str, int]


def precision_change(
    trials: Sequence[FaultTrial], frames: Mapping[Key, CleanFrame], classes: int
) -> dict[str, Any] | None:
    """
    Return mAP at IoU 0.5 over the frames of ``trials``: clean, faulty, and protected.

    A frame that was hit n times counts n times in each. ``protected``: a fault that was seen has
    its frame come out clean. None where no ground truth is known.
    """
    known = [trial for trial in trials if frames[_key(trial)].truth is not None]
    if not known:
        return None
    truths = [_truth(frames[_key(trial)].truth or []) for trial in known]
    clean = [_rows(frames[_key(trial)].detections) for trial in known]
    faulty = [_output(trial, found) for trial, found in zip(known, clean, strict=True)]
    safe = [
        good if trial.alarms else bad for trial, good, bad in zip(known, clean, faulty, strict=True)
    ]
    values = {
        name: mean_average_precision(found, truths, classes)[0]
        for name, found in (('clean', clean), ('faulty', faulty), ('protected', safe))
    }
    return {
        'frames': len(known),
        **{name: round(value, 5) for name, value in values.items()},
        'change': round(values['faulty'] - values['clean'], 5),
        'change_protected': round(values['protected'] - values['clean'], 5),
    }


def _key(trial: FaultTrial) -> Key:
    return trial.sequence, trial.frame


def _output(trial: FaultTrial, clean: Floats) -> Floats:
    if trial.outcome == 'due_exception':
        return _rows(None)
    if trial.detections is None:
        return clean
    rows = _rows(trial.detections)
    return np.asarray(rows[np.isfinite(rows).all(axis=1)])


def _rows(rows: Rows | None) -> Floats:
    return np.array(rows or [], float).reshape(-1, 6)


def _truth(rows: Rows) -> Truth:
    values = np.array(rows, float).reshape(-1, 6)
    return Truth(
        boxes=values[:, :4], classes=values[:, 4].astype(np.int64), ignore=values[:, 5] > 0.0
    )
