# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from restage.recovery.breaker import Breaker, BreakerOptions, BreakerState

CLOSED, OPEN, HALF_OPEN = BreakerState
FAILURES, WINDOW, SHORTEST, LONGEST, GOOD = 3, 100, 10, 40, 4
OPTIONS = BreakerOptions(
    failures=FAILURES,
    window_ns=WINDOW,
    shortest_backoff_ns=SHORTEST,
    longest_backoff_ns=LONGEST,
    good_frames=GOOD,
)


def opened(now_ns: int = 1_000) -> Breaker:
    """A breaker that opens at ``now_ns``, with the shortest backoff."""
    breaker = Breaker(OPTIONS)
    for _ in range(FAILURES):
        breaker.failure(now_ns)
    assert breaker.state(now_ns) is OPEN
    return breaker


def half_open() -> tuple[Breaker, int]:
    breaker = opened(1_000)
    assert breaker.state(1_000 + SHORTEST) is HALF_OPEN
    return breaker, 1_000 + SHORTEST


# Every row of the table of BreakerState


def test_a_new_breaker_is_closed_and_lets_promotions_pass() -> None:
    breaker = Breaker(OPTIONS)
    assert (breaker.state(0), breaker.allows(0), breaker.wait_ns(0)) == (CLOSED, True, 0)


def test_closed_stays_closed_on_fewer_failures_than_the_limit_within_the_window() -> None:
    breaker = Breaker(OPTIONS)
    for now_ns in (1, 2):
        breaker.failure(now_ns)
        assert breaker.state(now_ns) is CLOSED


def test_closed_stays_closed_on_failures_that_do_not_fall_into_one_window() -> None:
    breaker = Breaker(OPTIONS)
    for number in range(50):
        breaker.failure(number * (WINDOW // 2 + 1))  # never three within the window
        assert breaker.state(number * (WINDOW // 2 + 1)) is CLOSED


@pytest.mark.parametrize(('last', 'state'), [(WINDOW, OPEN), (WINDOW + 1, CLOSED)])
def test_closed_opens_at_the_limit_within_the_window(last: int, state: BreakerState) -> None:
    breaker = Breaker(OPTIONS)
    for now_ns in (0, 50, last):
        breaker.failure(now_ns)
    assert breaker.state(last) is state


def test_it_opens_with_the_shortest_backoff_and_lets_nobody_pass_meanwhile() -> None:
    breaker = opened(1_000)
    assert not breaker.allows(1_000 + SHORTEST - 1)
    assert breaker.wait_ns(1_003) == SHORTEST - 3


def test_open_stays_open_on_a_failure_and_the_same_backoff_goes_on() -> None:
    breaker = opened(1_000)
    breaker.failure(1_005)
    assert breaker.wait_ns(1_005) == SHORTEST - 5
    assert breaker.allows(1_000 + SHORTEST)


def test_open_is_half_open_when_the_backoff_is_over() -> None:
    breaker = opened(1_000)
    assert breaker.state(1_000 + SHORTEST - 1) is OPEN
    assert breaker.state(1_000 + SHORTEST) is HALF_OPEN
    assert breaker.allows(1_000 + SHORTEST)
    assert breaker.wait_ns(1_000 + SHORTEST) == 0


def test_half_open_opens_on_one_failure_with_twice_the_backoff_up_to_the_longest() -> None:
    breaker, now_ns = half_open()
    for backoff in (20, 40, 40, 40):
        breaker.failure(now_ns)
        assert breaker.wait_ns(now_ns) == backoff
        now_ns += backoff
        assert breaker.state(now_ns) is HALF_OPEN


def test_half_open_closes_after_enough_good_frames_and_not_one_earlier() -> None:
    breaker, now_ns = half_open()
    for _ in range(GOOD - 1):
        breaker.good(now_ns)
        assert breaker.state(now_ns) is HALF_OPEN
    breaker.good(now_ns)
    assert breaker.state(now_ns) is CLOSED


def test_once_closed_again_failures_are_forgotten_and_the_backoff_is_the_shortest() -> None:
    breaker, now_ns = half_open()
    breaker.failure(now_ns)  # twice the backoff
    now_ns += 2 * SHORTEST
    for _ in range(GOOD):
        breaker.good(now_ns)
    for _ in range(FAILURES - 1):
        breaker.failure(now_ns)
        assert breaker.state(now_ns) is CLOSED
    breaker.failure(now_ns)
    assert breaker.wait_ns(now_ns) == SHORTEST


# Between the rows


def test_good_frames_of_an_earlier_try_do_not_count_for_the_next() -> None:
    breaker, now_ns = half_open()
    for _ in range(GOOD - 1):
        breaker.good(now_ns)
    breaker.failure(now_ns)
    now_ns += 2 * SHORTEST
    breaker.good(now_ns)
    assert breaker.state(now_ns) is HALF_OPEN


def test_good_frames_while_it_is_open_or_closed_change_nothing() -> None:
    breaker = opened(1_000)
    for _ in range(2 * GOOD):
        breaker.good(1_001)
    assert breaker.state(1_001) is OPEN
    closed = Breaker(OPTIONS)
    closed.failure(1)
    closed.failure(2)
    for _ in range(2 * GOOD):
        closed.good(3)
    closed.failure(4)
    assert closed.state(4) is OPEN


def test_one_failure_opens_a_breaker_that_stands_none() -> None:
    breaker = Breaker(BreakerOptions(failures=1, shortest_backoff_ns=10))
    breaker.failure(5)
    assert breaker.wait_ns(5) == 10


class Model:
    """The table of BreakerState, replayed from all that ever happened."""

    def __init__(self) -> None:
        self.events: list[tuple[str, int]] = []

    def until(self, now_ns: int) -> tuple[BreakerState, int]:
        """The state at ``now_ns``, and when the backoff is over."""
        state, backoff, until, failures, good = CLOSED, SHORTEST, 0, [], 0
        for what, at in [*self.events, ('look', now_ns)]:
            if state is OPEN and at >= until:
                state, good = HALF_OPEN, 0
            if what == 'good' and state is HALF_OPEN:
                good += 1
                if good == GOOD:
                    state, backoff, failures = CLOSED, SHORTEST, []
            elif what == 'failure' and state is CLOSED:
                failures.append(at)
                if sum(at - WINDOW <= one for one in failures) >= FAILURES:
                    state, until = OPEN, at + backoff
            elif what == 'failure' and state is HALF_OPEN:
                backoff = min(2 * backoff, LONGEST)
                state, until = OPEN, at + backoff
        return state, until


class AgainstTheModel(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.breaker = Breaker(OPTIONS)
        self.model = Model()
        self.now_ns = 0

    @rule(span=st.sampled_from([0, 1, SHORTEST - 1, SHORTEST, LONGEST, WINDOW, WINDOW + 1]))
    def time_passes(self, span: int) -> None:
        self.now_ns += span

    @rule()
    def failure(self) -> None:
        self.breaker.failure(self.now_ns)
        self.model.events.append(('failure', self.now_ns))

    @rule(count=st.sampled_from([1, GOOD - 1, GOOD]))
    def good(self, count: int) -> None:
        for _ in range(count):
            self.breaker.good(self.now_ns)
            self.model.events.append(('good', self.now_ns))

    @rule()
    def is_looked_at(self) -> None:
        state, until = self.model.until(self.now_ns)
        assert self.breaker.state(self.now_ns) is state
        assert self.breaker.allows(self.now_ns) is (state is not OPEN)
        assert self.breaker.wait_ns(self.now_ns) == (until - self.now_ns if state is OPEN else 0)


TestAgainstTheModel = AgainstTheModel.TestCase
