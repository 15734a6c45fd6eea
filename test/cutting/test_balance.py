# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Which cuts are taken."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from restage.cutting.balance import SHORTEST, balanced
from restage.cutting.network import Cut


def cuts(*sizes: int) -> list[Cut]:
    return [Cut(at, (f't{at}',), size) for at, size in enumerate(sizes)]


def lengths(chosen: list[Cut], costs: list[float]) -> list[float]:
    ends = [0, *(cut.position + 1 for cut in chosen), len(costs)]
    return [sum(costs[a:b]) for a, b in pairwise(ends)]


def test_stages_take_about_the_same():
    costs = [1.0] * 12
    assert lengths(balanced(cuts(*[5] * 11), costs, 4), costs) == [3.0, 3.0, 3.0, 3.0]


def test_a_small_tensor_is_worth_a_little_length():
    costs = [1.0] * 20
    sizes = [100] * 19
    sizes[10] = 1  # one behind the middle
    (chosen,) = balanced(cuts(*sizes), costs, 2)
    assert chosen.position == 10


def test_nobody_makes_stages_of_nothing():
    costs = [10.0, 10.0, 10.0, 0.1, 0.1, 0.1]
    chosen = balanced(cuts(9, 9, 9, 1, 1), costs, 6)
    found = lengths(chosen, costs)
    assert min(found) >= SHORTEST * sum(costs) / len(found)


@pytest.mark.parametrize('stages', [1, 2, 5])
def test_without_a_place_to_cut_there_is_one_stage(stages):
    assert balanced([], [7.0], stages) == []


@given(
    st.lists(st.floats(0.1, 100.0), min_size=1, max_size=14),
    st.integers(1, 8),
    st.randoms(use_true_random=False),
)
def test_cuts_are_in_order_and_no_more_than_wanted(costs, stages, random):
    places = cuts(*(random.randrange(1, 1000) for _ in costs[1:]))
    chosen = balanced(places, costs, stages)
    positions = [cut.position for cut in chosen]
    assert positions == sorted(set(positions))
    assert len(chosen) <= stages - 1 or not chosen
