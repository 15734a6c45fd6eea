# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Differences in numbers and in objects."""

from __future__ import annotations

import numpy as np
import pytest

from restage.coverage.outcome import compare as compare_objects
from restage.study.difference import compare


def rows(*boxes: tuple[float, ...]) -> np.ndarray:
    return np.array(boxes, np.float64).reshape(-1, 6)


CAR = (0.0, 0.0, 100.0, 100.0, 0.9, 0.0)
FAR_CAR = (300.0, 0.0, 340.0, 40.0, 0.8, 0.0)


@pytest.mark.parametrize(
    ('clean', 'faulty', 'expected'),
    [
        (rows(CAR, FAR_CAR), rows(CAR, FAR_CAR), (0, 0, 0)),
        (rows(CAR, FAR_CAR), rows(CAR), (1, 0, 0)),
        (rows(CAR), rows(CAR, FAR_CAR), (0, 1, 0)),
        (rows(CAR), rows((10.0, 0.0, 110.0, 100.0, 0.9, 0.0)), (0, 0, 1)),
        (rows(CAR), rows((*CAR[:5], 1.0)), (1, 1, 0)),  # of another class
        (rows(CAR), rows(CAR, CAR), (0, 1, 0)),  # each is matched once
        (rows(CAR), rows((np.nan, *CAR[1:])), (1, 1, 0)),
        (rows(), rows(CAR), (0, 1, 0)),
        (rows(CAR), rows(), (1, 0, 0)),
    ],
)
def test_objects_are_lost_made_up_or_moved(clean, faulty, expected):
    found = compare_objects(clean, faulty)
    assert (found.lost, found.ghosts, found.moved) == expected


def test_an_answer_is_right_within_the_tolerance_and_not_beyond(workshop):
    golden = workshop.right[1]
    nearly = [level + np.float32(5e-4) for level in golden]
    assert compare(golden, nearly).within
    off = [level.copy() for level in golden]
    off[2][0, 0, 0, 0] += 0.1
    found = compare(golden, off)
    assert not found.within
    assert found.largest == pytest.approx(0.1, rel=1e-3)
    assert found.lost == found.ghosts == 0


def test_nan_and_another_shape_are_never_right(workshop):
    golden = workshop.right[1]
    poisoned = [level.copy() for level in golden]
    poisoned[0][0, 0, 0, :7] = np.nan
    found = compare(golden, poisoned)
    assert not found.within
    assert found.not_finite == 7
    cropped = compare(golden, [level[:, :, :4] for level in golden])
    assert not cropped.within
    assert cropped.lost is None


def test_another_picture_has_other_objects(workshop):
    found = compare(workshop.right[1], workshop.right[3])
    assert not found.within
    assert found.lost + found.ghosts + found.moved > 0
