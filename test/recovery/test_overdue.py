# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from restage.recovery.overdue import (
    KEPT,
    LONGEST_EXCUSE_NS,
    WATCHED_NS,
    ZONE_NS,
    Overdue,
    RunDelay,
)

PID = 7
DUE = 10 * ZONE_NS


class Delay:
    """How long each process has waited for a core so far."""

    def __init__(self) -> None:
        self.waited: dict[int, int] = {}
        self.asked: list[int] = []

    def __call__(self, pid: int) -> int:
        self.asked.append(pid)
        return self.waited.get(pid, 0)


@pytest.fixture
def delay() -> Delay:
    return Delay()


@pytest.fixture
def overdue(delay: Delay) -> Overdue:
    return Overdue(delay, lambda: 0)


def test_what_a_hypervisor_took_away_is_an_excuse(delay) -> None:
    stolen = [7_000]
    overdue = Overdue(delay, lambda: stolen[0])
    overdue.late_ns(PID, DUE, DUE - ZONE_NS)
    stolen[0] += 400
    assert overdue.late_ns(PID, DUE, DUE + 400) == 0
    assert overdue.late_ns(PID, DUE, DUE + 400) == 0
    assert overdue.late_ns(PID, DUE, DUE + 401) == 0
    assert overdue.late_ns(PID, DUE, DUE + 401) == 1


def test_long_before_the_deadline_nobody_is_asked(overdue, delay) -> None:
    assert overdue.late_ns(PID, DUE, DUE - ZONE_NS - 1) == 0
    assert delay.asked == []


def test_a_process_that_did_not_wait_for_a_core_is_late_as_soon_as_it_is(overdue) -> None:
    assert overdue.late_ns(PID, DUE, DUE - ZONE_NS) == 0
    assert overdue.late_ns(PID, DUE, DUE - 1) == 0
    assert overdue.late_ns(PID, DUE, DUE) == 0
    assert overdue.late_ns(PID, DUE, DUE + 5) == 5


def test_what_it_has_waited_since_the_zone_began_is_added_to_its_deadline(overdue, delay) -> None:
    delay.waited[PID] = 1_000_000  # before: nobody's business
    overdue.late_ns(PID, DUE, DUE - ZONE_NS)
    delay.waited[PID] += 300
    assert overdue.late_ns(PID, DUE, DUE + 300) == 0
    assert overdue.late_ns(PID, DUE, DUE + 300) == 0
    assert overdue.late_ns(PID, DUE, DUE + 301) == 0  # it may have waited since the last look
    assert overdue.late_ns(PID, DUE, DUE + 301) == 1
    delay.waited[PID] += 1_000
    assert overdue.late_ns(PID, DUE, DUE + 301) == 0


def test_a_wait_that_no_look_has_seen_yet_is_believed_of_who_waited_before(overdue, delay) -> None:
    overdue.late_ns(PID, DUE, DUE - ZONE_NS)
    delay.waited[PID] = 10
    assert overdue.late_ns(PID, DUE, DUE - 100) == 0
    assert overdue.late_ns(PID, DUE, DUE + 110) == 0
    assert overdue.late_ns(PID, DUE, DUE + 120) == 100


def test_what_turns_out_to_be_no_waiting_makes_nobody_later_than_the_clock_says(
    overdue, delay
) -> None:
    delay.waited[PID] = 1_000
    overdue.late_ns(PID, DUE, DUE - ZONE_NS)
    delay.waited[PID] = 400
    assert overdue.late_ns(PID, DUE, DUE) == 0
    assert overdue.late_ns(PID, DUE, DUE + 5) == 5


def test_no_waiting_is_an_excuse_for_ever(overdue, delay) -> None:
    overdue.late_ns(PID, DUE, DUE - ZONE_NS)
    delay.waited[PID] = 1_000 * LONGEST_EXCUSE_NS
    assert overdue.late_ns(PID, DUE, DUE + LONGEST_EXCUSE_NS) == 0
    assert overdue.late_ns(PID, DUE, DUE + LONGEST_EXCUSE_NS + 9) == 9


def test_a_new_promise_is_judged_by_itself(overdue, delay) -> None:
    overdue.late_ns(PID, DUE, DUE - 1)
    delay.waited[PID] = 500
    later = DUE + 2 * ZONE_NS
    assert overdue.late_ns(PID, later, later - ZONE_NS) == 0
    assert overdue.late_ns(PID, later, later + 7) == 7


@pytest.mark.parametrize('first', [DUE - WATCHED_NS + 1, DUE, DUE + 1_000, DUE + 9 * ZONE_NS])
def test_a_promise_that_is_first_seen_late_is_watched_before_it_is_judged(overdue, first) -> None:
    assert overdue.late_ns(PID, DUE, first) == 0
    assert overdue.late_ns(PID, DUE, first + WATCHED_NS) == 0
    assert overdue.late_ns(PID, DUE, first + WATCHED_NS + 1) == 1


def test_processes_are_judged_apart(overdue, delay) -> None:
    for pid in (PID, 8):
        overdue.late_ns(pid, DUE, DUE - ZONE_NS)
    delay.waited[8] = 10_000
    assert overdue.late_ns(PID, DUE, DUE + 50) == 50
    assert overdue.late_ns(8, DUE, DUE + 50) == 0


@given(st.lists(st.integers(0, 3 * ZONE_NS), min_size=1, max_size=20))
def test_nobody_is_later_than_the_clock_says_nor_before_the_deadline(steps: list[int]) -> None:
    overdue = Overdue(lambda _: 0, lambda: 0)
    now = DUE - 2 * ZONE_NS
    for step in steps:
        now += step
        late = overdue.late_ns(PID, DUE, now)
        assert 0 <= late <= max(0, now - DUE)


def gone() -> int:
    """The number of a process that has ended."""
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    return pid


def test_of_a_process_that_is_gone_there_is_no_account() -> None:
    assert RunDelay()(gone()) == 0


def test_a_process_that_waits_for_something_else_than_a_core_does_not_starve() -> None:
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(write)
        os.read(read, 1)
        os._exit(0)
    os.close(read)
    delay = RunDelay()
    try:
        while Path(f'/proc/{pid}/stat').read_text().split()[2] != 'S':
            os.sched_yield()
        asleep = delay(pid)
        assert [delay(pid) for _ in range(50)] == [asleep] * 50
    finally:
        os.close(write)
        os.waitpid(pid, 0)


def test_no_more_promises_are_remembered_than_of_those_who_live(overdue) -> None:
    for number in range(10 * KEPT):
        now = DUE - ZONE_NS + number
        assert overdue.late_ns(PID, DUE, now) == 0
        overdue.late_ns(2**22 + number, now, now)
        assert len(overdue._seen) <= KEPT
    assert overdue.late_ns(PID, DUE, DUE + 5) == 5  # watched all the time


def test_no_more_processes_are_remembered_than_there_can_be() -> None:
    delay = RunDelay()
    for number in range(10 * KEPT):
        delay(2**22 + number)  # beyond the largest pid there is
        assert len(delay._threads) <= KEPT + 1
