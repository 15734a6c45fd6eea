# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The optimisation against every subset of boundaries there is."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from restage.checkpoint.boundaries import IMAGE
from restage.plan.choice import Choice, judge
from restage.plan.optimise import best, trade_off
from restage.plan.profile import Profile, Tensor

# Few different costs, so that ties are common.
COSTS = st.integers(0, 4)


@st.composite
def profiles(draw: st.DrawFn) -> Profile:
    """Up to 8 stages; each boundary's tensors are those made at or before it and read after it."""
    stages = draw(st.integers(1, 8))
    lives: list[list[Tensor]] = [[] for _ in range(stages + 1)]
    for number in range(draw(st.integers(0, 10))):
        made = draw(st.integers(0, stages))
        until = draw(st.integers(made, stages))
        tensor = Tensor(f't{number}', draw(COSTS), draw(COSTS))
        for place in range(made, until + 1):
            lives[place].append(tensor)
    times = draw(st.lists(COSTS, min_size=stages, max_size=stages))
    return Profile(tuple(times), tuple(map(tuple, lives)))


def simulate(profile: Profile, boundaries: tuple[int, ...]) -> tuple[int, int]:
    """Return worst case and write cost, as a writer that remembers all it stored has them."""
    stored: set[str] = set()
    cost = 0
    for boundary in boundaries:
        for tensor in profile.live[boundary + 1]:
            if tensor.name not in stored:
                stored.add(tensor.name)
                cost += tensor.write_ns
    worst = 0
    for stage in range(len(profile.stage_ns)):
        before = [boundary for boundary in boundaries if boundary < stage]
        lost = sum(profile.stage_ns[max(before, default=IMAGE) + 1 : stage + 1])
        if before:
            lost += sum(tensor.restore_ns for tensor in profile.live[max(before) + 1])
        worst = max(worst, lost)
    return worst, cost


def subsets(profile: Profile, *, store_image: bool) -> list[tuple[int, ...]]:
    boundaries = range(IMAGE, len(profile.stage_ns))
    return [
        subset
        for count in range(len(boundaries) + 1)
        for subset in combinations(boundaries, count)
        if not store_image or IMAGE in subset
    ]


@settings(max_examples=150, deadline=None)
@given(profiles(), st.integers(0, 30), st.booleans())
def test_no_subset_is_better_than_the_best(profile: Profile, cap: int, store_image: bool) -> None:
    keys = []
    for subset in subsets(profile, store_image=store_image):
        worst, cost = simulate(profile, subset)
        if cost <= cap:
            keys.append((worst, cost, len(subset), subset))
    chosen = best(trade_off(profile, store_image=store_image), cap)
    if chosen is None:
        assert keys == []
    else:
        found = chosen.boundaries
        assert (chosen.worst_ns, chosen.write_ns, len(found), found) == min(keys)


@settings(max_examples=100, deadline=None)
@given(profiles(), st.booleans())
def test_the_trade_off_is_the_pareto_front_of_all_subsets(
    profile: Profile, store_image: bool
) -> None:
    all_costs = {simulate(profile, one) for one in subsets(profile, store_image=store_image)}
    front = {
        (worst, cost)
        for worst, cost in all_costs
        if not any(
            other != (worst, cost) and other[0] <= worst and other[1] <= cost for other in all_costs
        )
    }
    found = trade_off(profile, store_image=store_image)
    assert [(one.worst_ns, one.write_ns) for one in found] == sorted(front, reverse=True)


@settings(max_examples=100, deadline=None)
@given(profiles(), st.data())
def test_a_choice_is_judged_as_the_writer_would_have_it(
    profile: Profile, data: st.DataObject
) -> None:
    subset = data.draw(st.sampled_from(subsets(profile, store_image=False)))
    choice = judge(profile, subset)
    assert (choice.worst_ns, choice.write_ns) == simulate(profile, subset)
    assert len(choice.recovery_ns) == len(profile.stage_ns)
    assert 0 <= choice.expected_ns <= choice.worst_ns


@given(profiles())
def test_neither_the_image_in_memory_nor_the_end_is_worth_a_checkpoint(profile: Profile) -> None:
    for choice in trade_off(profile):
        assert IMAGE not in choice.boundaries
        assert profile.last not in choice.boundaries


def test_a_skip_connection_is_written_once() -> None:
    skip, a, b = Tensor('skip', 5, 1), Tensor('a', 2, 1), Tensor('b', 3, 1)
    profile = Profile((10, 10, 10), ((), (skip, a), (skip, b), ()))
    assert judge(profile, (0, 1)).write_ns == 5 + 2 + 3
    assert judge(profile, (1,)).write_ns == 5 + 3
    assert judge(profile, (0, 1)).recovery_ns == (10, 12, 12)


def test_a_large_tensor_is_passed_over_for_a_small_one() -> None:
    large, early, late = Tensor('large', 50, 50), Tensor('early', 1, 1), Tensor('late', 1, 1)
    profile = Profile((10, 10, 10, 10), ((), (early,), (large,), (late,), ()))
    front = trade_off(profile)
    assert [choice.boundaries for choice in front] == [(), (2,), (0, 2)]
    assert [choice.worst_ns for choice in front] == [40, 30, 21]
    assert best(front, 1000) == front[-1]


def test_many_stages_take_no_search_of_all_subsets() -> None:
    tensors = [(Tensor(str(place), 1 + place * 7 % 13, place * 5 % 11),) for place in range(61)]
    profile = Profile(tuple(10 + stage * 3 % 17 for stage in range(60)), tuple(tensors))
    front = trade_off(profile)
    assert front[0].boundaries == ()
    worst = [choice.worst_ns for choice in front]
    assert worst == sorted(worst, reverse=True)
    assert len(front) > 10


@pytest.mark.parametrize(
    ('times', 'live', 'message'),
    [
        ((), ((),), 'at least one'),
        ((1,), ((),), '1 boundaries for 1 stages; accepted: 2'),
        ((-1,), ((), ()), 'negative'),
        ((1,), ((), (Tensor('x', 1, -1),)), 'negative'),
    ],
)
def test_a_profile_that_cannot_be_is_refused(
    times: tuple[int, ...], live: tuple[tuple[Tensor, ...], ...], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Profile(times, live)


def test_nothing_within_the_cap_is_none() -> None:
    profile = Profile((10,), ((Tensor('image', 7, 1),), ()))
    front = trade_off(profile, store_image=True)
    assert best(front, 6) is None
    assert best(front, 7) == Choice((IMAGE,), 7, (11,), 11.0)
