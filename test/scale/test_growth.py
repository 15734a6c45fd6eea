# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The fitted power law."""

from __future__ import annotations

import numpy as np
import pytest

from restage.scale.growth import growth

XS = [1.0, 4.0, 16.0, 64.0, 200.0]


def test_a_law_is_found_again() -> None:
    found = growth(XS, [3.0 * x**0.5 for x in XS])
    assert found is not None
    assert found.exponent == pytest.approx(0.5)
    assert found.factor == pytest.approx(3.0)
    assert found.at(100.0) == pytest.approx(30.0)
    assert found.ci95 == pytest.approx((0.5, 0.5))
    assert found.r2 == pytest.approx(1.0)


def test_the_interval_covers_as_often_as_it_says() -> None:
    rng = np.random.default_rng(1)
    covered = 0
    for _ in range(400):
        noisy = [2.0 * x**0.8 * float(np.exp(rng.normal(0, 0.2))) for x in XS]
        found = growth(XS, noisy)
        assert found is not None and found.ci95 is not None
        covered += found.ci95[0] <= 0.8 <= found.ci95[1]
    assert 0.92 <= covered / 400 <= 0.98


def test_a_fixed_part_makes_it_unsure() -> None:
    found = growth(XS, [20.0 + x for x in XS])
    assert found is not None and found.ci95 is not None
    assert 0 < found.exponent < 1
    assert found.ci95[1] - found.ci95[0] > 0.3


def test_what_is_not_known_is_left_out() -> None:
    found = growth(XS, [None, 4.0, 16.0, 0.0, 200.0])
    assert found is not None
    assert (found.points, found.exponent) == (3, pytest.approx(1.0))


def test_two_points_have_no_interval_and_one_no_law() -> None:
    found = growth([1.0, 2.0], [1.0, 4.0])
    assert found is not None
    assert (found.exponent, found.ci95) == (pytest.approx(2.0), None)
    assert growth([1.0, 1.0], [1.0, 4.0]) is None
    assert growth([], []) is None


def test_what_does_not_grow() -> None:
    found = growth(XS, [5.0] * len(XS))
    assert found is not None
    assert found.exponent == pytest.approx(0.0)
