# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import mmap
import os
import signal
import time

import pytest

from restage.checkpoint import death_lock
from restage.checkpoint.death_lock import DeathLock, Holder


def child_that_holds(lock_memory: mmap.mmap, then: str) -> int:
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            lock = DeathLock(lock_memory, 1024)
            lock.hold()
            os.write(writing, b'1')
            if then == 'release':
                lock.release()
                os._exit(0)
            while True:
                if then == 'hold again and again':
                    lock.hold()
                else:
                    signal.pause()
        finally:
            os._exit(1)
    assert os.read(reading, 1) == b'1'
    os.close(reading)
    os.close(writing)
    return pid


def test_a_killed_holder_is_reported_dead_and_a_living_one_is_not(lock_memory: mmap.mmap) -> None:
    for _ in range(3):  # the next holder makes it anew
        pid = child_that_holds(lock_memory, 'stay')
        lock = DeathLock(lock_memory, 1024)
        assert lock.wait_for_death(0.05) is Holder.HOLDS
        os.kill(pid, signal.SIGKILL)
        assert lock.wait_for_death(60.0) is Holder.DEAD
        os.waitpid(pid, 0)


def test_a_stopped_holder_is_not_dead(lock_memory: mmap.mmap) -> None:
    pid = child_that_holds(lock_memory, 'stay')
    os.kill(pid, signal.SIGSTOP)
    assert DeathLock(lock_memory, 1024).wait_for_death(0.1) is Holder.HOLDS
    os.kill(pid, signal.SIGKILL)
    assert DeathLock(lock_memory, 1024).wait_for_death(60.0) is Holder.DEAD
    os.waitpid(pid, 0)


def test_an_orderly_release_is_no_death(lock_memory: mmap.mmap) -> None:
    pid = child_that_holds(lock_memory, 'release')
    os.waitpid(pid, 0)
    started = time.monotonic()
    assert DeathLock(lock_memory, 1024).wait_for_death(30.0) is Holder.NOBODY
    assert time.monotonic() - started < 10.0


@pytest.fixture(params=['CLOCK_MONOTONIC', 'CLOCK_REALTIME'])
def clock(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait as with a C library that counts on this clock."""
    if request.param == 'CLOCK_REALTIME':
        monkeypatch.setattr(death_lock, '_clocklock', None)
    elif death_lock._clocklock is None:
        pytest.skip('glibc before 2.30')


@pytest.mark.usefixtures('clock')
def test_who_holds_on_does_so_whatever_the_time_of_day_is_set_to(
    lock_memory: mmap.mmap, monkeypatch: pytest.MonkeyPatch
) -> None:
    pid = child_that_holds(lock_memory, 'stay')
    lock = DeathLock(lock_memory, 1024)
    real_ns, real_s = time.time_ns, time.time
    # Seen from the C library, the clock is set forward by an hour while it waits.
    monkeypatch.setattr(time, 'time_ns', lambda: real_ns() - 3600 * 10**9)
    monkeypatch.setattr(time, 'time', lambda: real_s() - 3600)
    assert lock.wait_for_death(0.05) is Holder.HOLDS
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    assert lock.wait_for_death(0.05) is Holder.DEAD


def test_what_is_no_lock_is_held_by_nobody(lock_memory: mmap.mmap) -> None:
    lock_memory[1024 : 1024 + death_lock.MUTEX_BYTES] = b'\xff' * death_lock.MUTEX_BYTES
    assert DeathLock(lock_memory, 1024).wait_for_death(10.0) is Holder.NOBODY


def test_who_comes_late_hears_of_a_death_too(lock_memory: mmap.mmap) -> None:
    pid = child_that_holds(lock_memory, 'stay')
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    found = [DeathLock(lock_memory, 1024).wait_for_death(10.0) for _ in range(3)]
    assert found == [Holder.DEAD] * 3


def test_who_takes_its_lock_again_never_lets_go_of_it(lock_memory: mmap.mmap) -> None:
    """A node that was cleaned up and is configured again; who waits came in between."""
    pid = child_that_holds(lock_memory, 'hold again and again')
    lock = DeathLock(lock_memory, 1024)
    found = {lock.wait_for_death(0.02) for _ in range(10)}
    os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    assert found == {Holder.HOLDS}
    assert os.WTERMSIG(status) == signal.SIGKILL
    assert lock.wait_for_death(10.0) is Holder.DEAD
