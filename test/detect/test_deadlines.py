# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from restage.detect.deadlines import (
    FIRST,
    RELEARN,
    SHORT_NS,
    WINDOW,
    DeadlineOptions,
    Deadlines,
)

FLOOR, CEILING = 1_000, 1_000_000
OPTIONS = DeadlineOptions(quantile=0.99, factor=8.0, floor_ns=FLOOR, ceiling_ns=CEILING)


def learned(*times: int, options: DeadlineOptions = OPTIONS) -> int:
    deadlines = Deadlines(1, options)
    for spent_ns in times:
        deadlines.learn(0, spent_ns)
    return deadlines.of(0)


def test_until_enough_times_are_known_the_ceiling_holds() -> None:
    assert [learned(*[500] * known) for known in range(FIRST)] == [CEILING] * FIRST
    assert learned(*[500] * FIRST) == 4_000


def test_a_deadline_is_the_usual_time_as_often_as_the_factor_says() -> None:
    assert learned(*[1_000] * FIRST) == 8_000
    tight = DeadlineOptions(factor=1.5, floor_ns=FLOOR, ceiling_ns=CEILING)
    assert learned(*[1_000] * FIRST, options=tight) == 1_500


def test_no_deadline_is_below_the_floor_or_above_the_ceiling() -> None:
    assert learned(*[1] * FIRST) == FLOOR
    assert learned(*[CEILING] * FIRST) == CEILING


def test_a_floor_above_the_ceiling_does_not_raise_it() -> None:
    assert learned(*[1] * FIRST, options=DeadlineOptions(floor_ns=50, ceiling_ns=20)) == 20


def test_after_the_first_time_a_deadline_is_learned_anew_now_and_then() -> None:
    times = [1_000] * FIRST
    assert learned(*times, *[2_000] * (RELEARN - 1)) == 8_000
    assert learned(*times, *[2_000] * RELEARN) == 16_000


def test_a_rare_outlier_among_many_times_does_not_count() -> None:
    usual = [1_000] * (FIRST + 6 * RELEARN - 2)
    assert learned(9_000, *usual, 1_000) == 8_000
    assert learned(9_000, *usual, 9_000) == 72_000  # more than one in a hundred


def test_only_the_last_times_are_remembered() -> None:
    assert learned(*[9_000] * WINDOW, *[1_000] * (WINDOW + RELEARN)) == 8_000


def test_each_stage_learns_for_itself() -> None:
    deadlines = Deadlines(3, OPTIONS)
    for _ in range(FIRST):
        deadlines.learn(1, 1_000)
    assert [deadlines.of(stage) for stage in range(3)] == [CEILING, 8_000, CEILING]


@given(st.lists(st.integers(0, 200_000), min_size=FIRST, max_size=WINDOW))
def test_a_deadline_is_above_all_but_the_rarest_of_the_times_it_was_learned_from(
    times: list[int],
) -> None:
    deadlines = Deadlines(1, OPTIONS)
    known = len(times) - (len(times) - FIRST) % RELEARN
    for spent_ns in times:
        deadlines.learn(0, spent_ns)
    deadline = deadlines.of(0)
    assert FLOOR <= deadline <= CEILING
    within = sum(8 * spent_ns <= deadline for spent_ns in times[:known])
    if deadline < CEILING:
        assert within >= math.ceil(0.99 * known)
    # It is one of the times, not more.
    assert deadline in {FLOOR, CEILING, *(8 * spent_ns for spent_ns in times[:known])}


# What is no stage


def test_what_no_time_is_known_of_may_take_as_long_as_any_stage() -> None:
    assert Deadlines(1, OPTIONS).longest_ns == CEILING


@pytest.mark.parametrize(
    ('floor_ns', 'ceiling_ns', 'short_ns'),
    [
        (2 * SHORT_NS, 9 * SHORT_NS, 2 * SHORT_NS),
        (2 * SHORT_NS, SHORT_NS + 7, SHORT_NS + 7),
        (1_000, 2_000, SHORT_NS),
        (1_000, 9 * SHORT_NS, SHORT_NS),
    ],
)
def test_who_waits_for_work_has_the_shortest_deadline_that_it_can_keep(
    floor_ns: int, ceiling_ns: int, short_ns: int
) -> None:
    options = DeadlineOptions(floor_ns=floor_ns, ceiling_ns=ceiling_ns)
    assert Deadlines(1, options).short_ns == short_ns
