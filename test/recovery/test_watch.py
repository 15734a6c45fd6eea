# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The watch over real child processes."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from restage.recovery.watch import ProcessWatch

DEADLINE_S = 60.0

Death = tuple[str, int, str, str, int]


class Deaths:
    """What the watch said; ``late`` holds the processes that are overdue, with the reason."""

    def __init__(self) -> None:
        self.queue: queue.Queue[Death] = queue.Queue()
        self.late: dict[int, tuple[str, str]] = {}
        self.errors: list[str] = []
        self.asked: set[tuple[str, int]] = set()
        self.looks = 0

    def on_death(self, name: str, pid: int, detector: str, why: str, seen_ns: int) -> None:
        self.queue.put((name, pid, detector, why, seen_ns))

    def overdue(self, name: str, pid: int) -> tuple[str, str] | None:
        self.looks += 1
        self.asked.add((name, pid))
        return self.late.get(pid)

    def next(self) -> Death:
        return self.queue.get(timeout=DEADLINE_S)


@pytest.fixture
def deaths() -> Deaths:
    return Deaths()


@pytest.fixture
def watch(deaths: Deaths) -> Iterator[ProcessWatch]:
    watch = ProcessWatch(deaths.on_death, deaths.overdue, deaths.errors.append)
    yield watch
    watch.stop()
    assert deaths.errors == []


@pytest.fixture
def child() -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        started.append(subprocess.Popen(['sleep', '60']))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def until(condition: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < end, f'not within {DEADLINE_S} s: {what}'
        time.sleep(0.001)


def rounds(watch: ProcessWatch, deaths: Deaths, child) -> None:
    """Let the watch look at everything once more: a process added now is asked about."""
    other = child()
    assert watch.add('other', other.pid)
    until(lambda: ('other', other.pid) in deaths.asked, 'another round of the watch')


def test_a_killed_process_is_reported_once_by_its_name(watch, deaths, child) -> None:
    victim, bystander = child(), child()
    assert watch.add('a', victim.pid)
    assert watch.add('b', bystander.pid)
    killed_ns = time.monotonic_ns()
    victim.kill()
    name, pid, detector, why, seen_ns = deaths.next()
    assert (name, pid) == ('a', victim.pid)
    assert (detector, why) == ('process_exit', f'process {victim.pid} ended')
    assert killed_ns <= seen_ns <= time.monotonic_ns()
    victim.wait()
    rounds(watch, deaths, child)
    assert deaths.queue.empty()


def test_a_process_that_ends_by_itself_is_reported_too(watch, deaths) -> None:
    process = subprocess.Popen([sys.executable, '-c', 'input()'], stdin=subprocess.PIPE)
    assert watch.add('a', process.pid)
    process.communicate(b'\n')
    assert deaths.next()[:3] == ('a', process.pid, 'process_exit')


def test_an_overdue_process_is_killed_even_if_it_is_stopped(watch, deaths, child) -> None:
    hung = child()
    hung.send_signal(signal.SIGSTOP)
    assert watch.add('a', hung.pid)
    begun_ns = time.monotonic_ns()
    deaths.late[hung.pid] = ('heartbeat', 'no heartbeat for 1.1 s')
    name, pid, detector, why, seen_ns = deaths.next()
    assert (name, pid) == ('a', hung.pid)
    assert (detector, why) == ('heartbeat', 'no heartbeat for 1.1 s')
    assert begun_ns <= seen_ns <= time.monotonic_ns()
    assert hung.wait(DEADLINE_S) == -signal.SIGKILL
    rounds(watch, deaths, child)
    assert deaths.queue.empty()


def test_a_process_killed_on_order_is_reported_for_that_reason(watch, deaths, child) -> None:
    process = child()
    assert watch.add('a', process.pid)
    begun_ns = time.monotonic_ns()
    watch.kill('a', process.pid, 'escalation', 'finite again after 2 tries')
    name, pid, detector, why, seen_ns = deaths.next()
    assert (name, pid) == ('a', process.pid)
    assert (detector, why) == ('escalation', 'finite again after 2 tries')
    assert begun_ns <= seen_ns <= time.monotonic_ns()
    assert process.wait(DEADLINE_S) == -signal.SIGKILL
    rounds(watch, deaths, child)
    assert deaths.queue.empty()


def test_only_the_process_that_is_meant_is_killed(watch, deaths, child) -> None:
    process, other = child(), child()
    assert watch.add('a', process.pid)
    assert watch.add('b', other.pid)
    # The pid of a node on another host may be that of a watched one here.
    watch.kill('c', process.pid, 'escalation', 'not this one')
    watch.kill('a', other.pid, 'escalation', 'nor this one')
    rounds(watch, deaths, child)
    assert (process.poll(), other.poll()) == (None, None)
    assert deaths.queue.empty()


def test_a_process_that_is_not_watched_is_not_killed(watch, deaths, child) -> None:
    process = child()
    watch.kill('a', process.pid, 'escalation', 'nobody knows it')
    rounds(watch, deaths, child)
    assert process.poll() is None


def test_a_process_that_is_being_killed_is_not_killed_for_another_reason(deaths, child) -> None:
    process = child()
    entered, go = threading.Event(), threading.Event()

    def overdue(name: str, pid: int) -> None:
        entered.set()
        assert go.wait(DEADLINE_S)

    watch = ProcessWatch(deaths.on_death, overdue, deaths.errors.append)
    try:
        assert watch.add('a', process.pid)
        assert entered.wait(DEADLINE_S)
        watch.kill('a', process.pid, 'escalation', 'the first reason')
        watch.kill('a', process.pid, 'escalation', 'the second')
        go.set()
        assert deaths.next()[2:4] == ('escalation', 'the first reason')
    finally:
        go.set()
        watch.stop()


def test_why_a_process_was_killed_is_known_before_its_death_is_seen(deaths, child) -> None:
    process = child()
    entered, go = threading.Event(), threading.Event()

    def overdue(name: str, pid: int) -> None:
        entered.set()
        assert go.wait(DEADLINE_S)

    watch = ProcessWatch(deaths.on_death, overdue, deaths.errors.append)
    try:
        assert watch.add('a', process.pid)
        assert entered.wait(DEADLINE_S)  # from here on the watch sees nothing
        assert watch.killed_for(process.pid) is None
        watch.kill('a', process.pid, 'escalation', 'finite again')
        known = watch.killed_for(process.pid)
        assert known is not None
        assert known[:2] == ('escalation', 'finite again')
        go.set()
        assert deaths.next()[2:] == known
    finally:
        go.set()
        watch.stop()


def test_a_process_in_time_is_left_alone(watch, deaths, child) -> None:
    process = child()
    assert watch.add('a', process.pid)
    until(lambda: ('a', process.pid) in deaths.asked, 'the question whether it is overdue')
    rounds(watch, deaths, child)
    assert process.poll() is None
    assert deaths.queue.empty()


def test_a_dead_process_cannot_be_watched(watch, child) -> None:
    process = child()
    process.kill()
    process.wait()
    assert not watch.add('a', process.pid)


def test_a_zombie_cannot_be_watched(watch, deaths, child) -> None:
    zombie = child()
    zombie.kill()
    os.waitid(os.P_PID, zombie.pid, os.WEXITED | os.WNOWAIT)
    assert not watch.add('a', zombie.pid)
    rounds(watch, deaths, child)
    assert deaths.queue.empty()


def test_after_stop_nothing_is_reported_or_killed(watch, deaths, child) -> None:
    process = child()
    assert watch.add('a', process.pid)
    until(lambda: deaths.looks > 0, 'a look at it')
    watch.stop()
    until(lambda: not watch._thread.is_alive(), 'the end of the thread')
    looks = deaths.looks
    deaths.late[process.pid] = ('stage_deadline', 'overdue')
    assert process.poll() is None
    process.kill()
    process.wait()
    assert deaths.looks == looks
    assert deaths.queue.empty()


def test_the_watch_goes_on_after_a_callback_has_failed(deaths, child) -> None:
    failed: list[str] = []

    def on_death(name: str, pid: int, detector: str, why: str, seen_ns: int) -> None:
        if not failed:
            failed.append(name)
            raise RuntimeError('no such client')
        deaths.on_death(name, pid, detector, why, seen_ns)

    watch = ProcessWatch(on_death, deaths.overdue, deaths.errors.append)
    first, second = child(), child()
    try:
        assert watch.add('a', first.pid)
        assert watch.add('b', second.pid)
        first.kill()
        until(lambda: bool(failed), 'the first death')
        second.kill()
        assert deaths.next()[:2] == ('b', second.pid)
    finally:
        watch.stop()
    assert failed == ['a']
    assert deaths.errors == ['RuntimeError: no such client']


def test_two_processes_that_end_in_one_round_are_both_reported_though_one_callback_fails(
    deaths, child
) -> None:
    entered, go = threading.Event(), threading.Event()

    def on_death(name: str, pid: int, detector: str, why: str, seen_ns: int) -> None:
        deaths.on_death(name, pid, detector, why, seen_ns)
        if name == 'first':
            entered.set()
            assert go.wait(DEADLINE_S)
        raise RuntimeError(name)

    watch = ProcessWatch(on_death, deaths.overdue, deaths.errors.append)
    processes = {name: child() for name in ('first', 'b', 'c')}
    try:
        for name, process in processes.items():
            assert watch.add(name, process.pid)
        processes['first'].kill()
        assert entered.wait(DEADLINE_S)
        processes['b'].kill()
        processes['c'].kill()
        go.set()
        assert sorted(deaths.next()[0] for _ in processes) == ['b', 'c', 'first']
        rounds(watch, deaths, child)
    finally:
        go.set()
        watch.stop()
    assert sorted(deaths.errors) == [
        'RuntimeError: b',
        'RuntimeError: c',
        'RuntimeError: first',
    ]


def test_a_process_whose_deadline_cannot_be_told_does_not_hide_the_others(deaths, child) -> None:
    unknown, hung = child(), child()

    def overdue(name: str, pid: int) -> tuple[str, str] | None:
        if pid == unknown.pid:
            raise RuntimeError('its file is damaged')
        return deaths.overdue(name, pid)

    watch = ProcessWatch(deaths.on_death, overdue, deaths.errors.append)
    try:
        assert watch.add('a', unknown.pid)
        assert watch.add('b', hung.pid)
        until(lambda: bool(deaths.errors), 'the first error')
        deaths.late[hung.pid] = ('stage_deadline', 'hung')
        assert deaths.next()[:3] == ('b', hung.pid, 'stage_deadline')
        assert unknown.poll() is None
    finally:
        watch.stop()


def test_the_death_of_a_process_whose_deadline_cannot_be_told_is_reported(deaths, child) -> None:
    process = child()

    def overdue(name: str, pid: int) -> tuple[str, str] | None:
        raise RuntimeError('its file is damaged')

    watch = ProcessWatch(deaths.on_death, overdue, deaths.errors.append)
    try:
        assert watch.add('a', process.pid)
        until(lambda: bool(deaths.errors), 'the first error')
        process.kill()
        assert deaths.next()[:3] == ('a', process.pid, 'process_exit')
    finally:
        watch.stop()
    assert set(deaths.errors) == {'a: RuntimeError: its file is damaged'}


def open_pidfds() -> int:
    links = [os.path.realpath(entry) for entry in Path('/proc/self/fd').iterdir()]
    return sum('pidfd' in link for link in links)


def test_stop_gives_its_file_descriptors_back(deaths, child) -> None:
    before = open_pidfds()
    watch = ProcessWatch(deaths.on_death, deaths.overdue, deaths.errors.append)
    assert watch.add('a', child().pid)
    assert open_pidfds() == before + 1
    watch.stop()
    assert open_pidfds() == before
    watch.stop()
    assert open_pidfds() == before


def test_a_process_that_ended_takes_no_file_descriptor(watch, deaths, child) -> None:
    before = open_pidfds()
    process = child()
    assert watch.add('a', process.pid)
    process.kill()
    deaths.next()
    assert open_pidfds() == before
