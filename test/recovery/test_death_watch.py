# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Deaths seen by the lock that the kernel gives away, over processes that hold it."""

from __future__ import annotations

import mmap
import os
import queue
import signal
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from restage.checkpoint import death_lock
from restage.checkpoint.death_lock import DeathLock
from restage.recovery import death_watch
from restage.recovery.death_watch import DeathWatch

DEADLINE_S = 20.0


class Process:
    """A process that takes and lets go of the lock on command."""

    def __init__(self, lock_memory: mmap.mmap) -> None:
        commands, self._commands = os.pipe()
        self._done, done = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                lock = DeathLock(lock_memory, 1024)
                while command := os.read(commands, 1):
                    (lock.hold if command == b'h' else lock.release)()
                    os.write(done, b'.')
            finally:
                os._exit(1)

    def _obey(self, command: bytes) -> None:
        os.write(self._commands, command)
        assert os.read(self._done, 1) == b'.'

    def hold(self) -> None:
        self._obey(b'h')

    def release(self) -> None:
        self._obey(b'r')

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)


@pytest.fixture
def process(lock_memory: mmap.mmap) -> Iterator[Process]:
    process = Process(lock_memory)
    process.hold()
    yield process
    process.kill()
    os.waitpid(process.pid, 0)


class Deaths(queue.Queue[tuple[str, int, int]]):
    """What the watch reports."""

    def note(self, name: str, pid: int, seen_ns: int) -> None:
        self.put((name, pid, seen_ns))

    def next(self) -> tuple[str, int]:
        return self.get(timeout=DEADLINE_S)[:2]


def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.001)


def waiting() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith('death-')]


def test_a_death_is_reported_once(lock_memory, process) -> None:
    deaths = Deaths()
    watch = DeathWatch(deaths.note)
    for _ in range(3):
        watch.add('a', process.pid, lambda: DeathLock(lock_memory, 1024))
    assert waiting() == ['death-a']
    process.kill()
    assert deaths.next() == ('a', process.pid)
    until(lambda: not waiting())
    watch.add('a', process.pid, lambda: DeathLock(lock_memory, 1024))
    watch.stop()
    assert deaths.empty()
    assert waiting() == []


def test_a_clock_that_is_set_forward_ends_no_watch(lock_memory, process, monkeypatch) -> None:
    monkeypatch.setattr(death_lock, '_clocklock', None)
    real_ns, real_s = time.time_ns, time.time
    monkeypatch.setattr(time, 'time_ns', lambda: real_ns() - 3600 * 10**9)
    monkeypatch.setattr(time, 'time', lambda: real_s() - 3600)
    deaths = Deaths()
    watch = DeathWatch(deaths.note)
    looks = []

    class Lock(DeathLock):
        def wait_for_death(self, timeout_s: float) -> object:
            looks.append(timeout_s)
            return super().wait_for_death(timeout_s)

    watch.add('a', process.pid, lambda: Lock(lock_memory, 1024))
    until(lambda: len(looks) > 3)
    process.kill()
    assert deaths.next() == ('a', process.pid)
    watch.stop()


def test_who_lets_go_and_takes_the_lock_again_is_watched_again(
    lock_memory, process, monkeypatch
) -> None:
    monkeypatch.setattr(death_watch, 'SLICE_S', 0.02)
    deaths = Deaths()
    watch = DeathWatch(deaths.note)
    locks = []

    def lock() -> DeathLock:
        locks.append(DeathLock(lock_memory, 1024))
        return locks[-1]

    watch.add('a', process.pid, lock)
    process.release()
    until(lambda: not waiting())
    process.hold()
    watch.add('a', process.pid, lock)
    assert waiting() == ['death-a']
    process.kill()
    assert deaths.next() == ('a', process.pid)
    assert len(locks) == 2
    watch.stop()


def test_a_lock_that_nobody_holds_is_not_asked_for_all_the_time(lock_memory, process) -> None:
    process.release()
    watch = DeathWatch(Deaths().note)
    locks = []

    def lock() -> DeathLock:
        locks.append(DeathLock(lock_memory, 1024))
        return locks[-1]

    started = time.monotonic()
    for _ in range(200):
        watch.add('a', process.pid, lock)
        time.sleep(0.001)
    periods = (time.monotonic() - started) / death_watch.SLICE_S
    watch.stop()
    assert 1 <= len(locks) <= periods + 1
    assert waiting() == []


def test_once_stopped_nothing_is_under_way(lock_memory, process) -> None:
    begun, ended = threading.Event(), []

    def on_death(*_: object) -> None:
        begun.set()
        time.sleep(0.05)
        ended.append(True)

    watch = DeathWatch(on_death)
    watch.add('a', process.pid, lambda: DeathLock(lock_memory, 1024))
    process.kill()
    assert begun.wait(DEADLINE_S)
    watch.stop()
    assert ended == [True]
    assert waiting() == []


def test_it_may_be_stopped_by_who_is_told_of_a_death(lock_memory, process) -> None:
    raised: queue.Queue[BaseException | None] = queue.Queue()

    def on_death(*_: object) -> None:
        try:
            watch.stop()
            raised.put(None)
        except BaseException as error:
            raised.put(error)

    watch = DeathWatch(on_death)
    watch.add('a', process.pid, lambda: DeathLock(lock_memory, 1024))
    process.kill()
    assert raised.get(timeout=DEADLINE_S) is None
