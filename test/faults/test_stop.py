# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""``timing.stop`` in real processes: they stop, and go on where they were."""

from __future__ import annotations

import os
import signal
import time

import pytest

from restage.faults.command import Fault
from restage.faults.enums import Persistence, When


def make(when: When = When.DURING, after_ms: float = 50.0, **fields) -> Fault:
    fields = {'id': 'f', 'parameters': {'after_ms': after_ms}, **fields}
    return Fault(kind='timing.stop', when=when, **fields)


def wait_until_stopped(child) -> None:
    status = child.wait_status(os.WUNTRACED)
    assert os.WIFSTOPPED(status)
    assert os.WSTOPSIG(status) == signal.SIGSTOP
    child.read_on(0.05)


def stays_stopped(child, seconds: float) -> None:
    before, until = (len(child.told), child.ticks), time.monotonic() + seconds
    while time.monotonic() < until:
        child.read(0.01)
    assert (len(child.told), child.ticks) == before


@pytest.mark.parametrize(
    ('when', 'after_ms', 'before', 'behind'),
    [
        (When.BEFORE, -1.0, ['FIRED'], ['CLEARED', 'entered', 'computed', 'done']),
        (When.DURING, -1.0, ['entered', 'FIRED'], ['computed', 'CLEARED', 'done']),
        (When.DURING, 50.0, ['entered', 'FIRED'], ['computed', 'CLEARED', 'done']),
        (When.DURING, 60_000.0, ['entered', 'computed', 'FIRED'], ['CLEARED', 'done']),
        (When.AFTER, -1.0, ['entered', 'computed', 'FIRED'], ['CLEARED', 'done']),
    ],
)
def test_the_process_stops_and_the_stage_goes_on_after_it(start, when, after_ms, before, behind):
    child = start(make(when, after_ms), frames=2)
    wait_until_stopped(child)
    stays_stopped(child, 0.3)
    assert child.states == ['ARMED', *before]
    assert child.told[-1]['detail'].startswith('SIGSTOP ')
    os.kill(child.pid, signal.SIGCONT)
    assert child.end() == 0
    assert child.states == ['ARMED', *before, *behind, 'entered', 'computed', 'done']
    fired, cleared = child.wait_for('FIRED'), child.wait_for('CLEARED')
    assert cleared['ns'] - fired['ns'] >= 0.3e9


def test_a_permanent_one_stops_every_frame(start):
    child = start(make(persistence=Persistence.PERMANENT), frames=2)
    for _ in range(2):
        wait_until_stopped(child)
        os.kill(child.pid, signal.SIGCONT)
    assert child.end() == 0
    assert child.states == ['ARMED', *['entered', 'FIRED', 'computed', 'done'] * 2]
