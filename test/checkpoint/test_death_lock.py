# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import mmap
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from restage.checkpoint.death_lock import DeathLock


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[mmap.mmap]:
    path = tmp_path / 'lock'
    path.write_bytes(bytes(4096))
    with path.open('r+b') as file:
        yield mmap.mmap(file.fileno(), 4096)


def child_that_holds(memory: mmap.mmap, then: str) -> int:
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            lock = DeathLock(memory, 1024)
            lock.hold()
            os.write(writing, b'1')
            if then == 'release':
                lock.release()
                os._exit(0)
            while True:
                signal.pause()
        finally:
            os._exit(1)
    assert os.read(reading, 1) == b'1'
    os.close(reading)
    os.close(writing)
    return pid


def test_a_killed_holder_is_reported_dead_and_a_living_one_is_not(memory: mmap.mmap) -> None:
    for _ in range(3):  # the next holder makes it anew
        pid = child_that_holds(memory, 'stay')
        lock = DeathLock(memory, 1024)
        assert not lock.wait_for_death(0.05)
        os.kill(pid, signal.SIGKILL)
        assert lock.wait_for_death(10.0)
        os.waitpid(pid, 0)


def test_a_stopped_holder_is_not_dead(memory: mmap.mmap) -> None:
    pid = child_that_holds(memory, 'stay')
    os.kill(pid, signal.SIGSTOP)
    assert not DeathLock(memory, 1024).wait_for_death(0.1)
    os.kill(pid, signal.SIGKILL)
    assert DeathLock(memory, 1024).wait_for_death(10.0)
    os.waitpid(pid, 0)


def test_an_orderly_release_is_no_death(memory: mmap.mmap) -> None:
    pid = child_that_holds(memory, 'release')
    os.waitpid(pid, 0)
    started = time.monotonic()
    assert not DeathLock(memory, 1024).wait_for_death(30.0)
    assert time.monotonic() - started < 10.0
