# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What counts as masked, silent, critical."""

from __future__ import annotations

import numpy as np
import pytest

from restage.coverage.outcome import Outcome, compare, outcome_of

CAR = [10.0, 10.0, 50.0, 40.0, 0.9, 0.0]
MAN = [100.0, 10.0, 110.0, 40.0, 0.8, 1.0]


def rows(*values: list[float]) -> np.ndarray:
    return np.array(values, float).reshape(-1, 6)


CLEAN = rows(CAR, MAN)


@pytest.mark.parametrize(
    ('faulty', 'outcome'),
    [
        (rows(CAR, MAN), Outcome.MASKED),
        (rows(CAR), Outcome.SDC),
        (rows([*CAR[:4], 0.899999, 0.0], MAN), Outcome.SDC),
        (rows([*CAR[:4], float('nan'), 0.0], MAN), Outcome.DUE_NAN),
        (None, Outcome.DUE_EXCEPTION),
    ],
)
def test_the_outcome_is_what_comes_out(faulty, outcome):
    assert outcome_of(CLEAN, faulty) is outcome


@pytest.mark.parametrize(
    ('faulty', 'lost', 'ghosts'),
    [
        (rows(CAR, MAN), 0, 0),
        (rows(MAN, CAR), 0, 0),
        (rows(CAR), 1, 0),
        (rows(CAR, MAN, [300.0, 0.0, 340.0, 30.0, 0.7, 0.0]), 0, 1),
        (rows(CAR, MAN, CAR), 0, 1),
        (rows([*CAR[:5], 2.0], MAN), 1, 1),
        (rows([12.0, 11.0, 51.0, 41.0, 0.5, 0.0], MAN), 0, 0),
        (rows([40.0, 10.0, 80.0, 40.0, 0.9, 0.0], MAN), 1, 1),
        (rows([np.nan] * 6, MAN), 1, 1),
        (rows(), 2, 0),
    ],
)
def test_objects_lost_and_made_up_are_counted(faulty, lost, ghosts):
    found = compare(CLEAN, faulty)
    assert (found.lost, found.ghosts) == (lost, ghosts)
    assert found.critical is bool(lost or ghosts)


def test_against_nothing_everything_is_made_up():
    assert compare(rows(), CLEAN).ghosts == 2
