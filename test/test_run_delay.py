# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What a process has waited for a core counts also while it still waits."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from restage.recovery.overdue import LONGEST_EXCUSE_NS, ZONE_NS, Overdue, RunDelay

CORE = min(os.sched_getaffinity(0))
# Idle policy: it gets the core only while the other one does not want it.
STARVED = """
import os, time
os.sched_setaffinity(0, {%d})
os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
print('up', flush=True)
input()
while True: pass
"""
HOG = """
import os
os.sched_setaffinity(0, {%d})
print('up', flush=True)
input()
while True: pass
"""


def start(program: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, '-c', program % CORE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == 'up\n'
    return process


def go(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write('\n')
    process.stdin.flush()


@pytest.fixture
def pair() -> Iterator[tuple[subprocess.Popen[str], subprocess.Popen[str]]]:
    starved, hog = start(STARVED), start(HOG)
    yield starved, hog
    for process in (starved, hog):
        process.send_signal(signal.SIGKILL)
        process.wait()


def until_asleep(pid: int) -> None:
    """Wait until a process waits for its input."""
    end = time.monotonic() + 60.0
    while Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()[0] != 'S':
        assert time.monotonic() < end
        time.sleep(0.001)


def watch(delay: RunDelay, pid: int, seconds: float) -> tuple[int, int]:
    """Return by how much the delay has grown, and in what time, looking often."""
    first, started = delay(pid), time.monotonic_ns()
    last = first
    while time.monotonic_ns() - started < seconds * 1e9:
        time.sleep(0.005)
        last = delay(pid)
    return last - first, time.monotonic_ns() - started


def test_a_process_that_still_waits_for_a_core_is_starved(pair) -> None:
    starved, hog = pair
    delay = RunDelay()
    go(hog)
    go(starved)
    waited, spent = watch(delay, starved.pid, 0.6)
    assert waited > 0.5 * spent


def test_a_process_that_sleeps_or_is_stopped_is_not(pair) -> None:
    sleeper, hog = pair
    delay = RunDelay()
    until_asleep(sleeper.pid)
    assert watch(delay, sleeper.pid, 0.2)[0] == 0
    go(hog)
    hog.send_signal(signal.SIGSTOP)
    os.waitpid(hog.pid, os.WUNTRACED)
    assert watch(delay, hog.pid, 0.2)[0] == 0


def test_a_process_that_has_gone_has_waited_for_nothing() -> None:
    process = subprocess.Popen([sys.executable, '-c', ''])
    process.wait()
    assert RunDelay()(process.pid) == 0


def test_however_long_its_threads_wait_a_process_is_late_in_the_end() -> None:
    due_ns = 10**12
    # Three threads that always wait.
    overdue = Overdue(lambda _pid: 3 * clock[0], lambda: 0)
    clock = [due_ns - ZONE_NS]
    assert overdue.late_ns(1, due_ns, clock[0]) == 0
    clock[0] = due_ns + LONGEST_EXCUSE_NS
    assert overdue.late_ns(1, due_ns, clock[0]) == 0
    clock[0] += 1
    assert overdue.late_ns(1, due_ns, clock[0]) == 1
