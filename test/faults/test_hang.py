# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""``timing.hang`` in real processes: the stage never ends, and who else is stuck."""

from __future__ import annotations

import time

import pytest

from restage.faults.command import Fault
from restage.faults.enums import When

SOME_CPU_S = 0.3


def make(mode: str, when: When = When.DURING) -> Fault:
    return Fault(id='f', kind='timing.hang', when=when, parameters={'mode': mode})


def uses_the_core(child) -> None:
    before = child.cpu_s()
    child.wait_until(lambda: child.cpu_s() - before >= SOME_CPU_S)


@pytest.mark.parametrize('mode', ['python', 'python_busy', 'native_free'])
def test_the_stage_never_ends_and_other_threads_go_on(start, mode):
    child = start(make(mode))
    assert child.wait_for('FIRED')['detail'] == f'{mode}, for ever'
    if mode == 'python':
        before, until = child.cpu_s(), time.monotonic() + 1.0
        child.wait_until(lambda: time.monotonic() >= until)
        assert child.cpu_s() - before < SOME_CPU_S
    else:
        uses_the_core(child)
    ticks = child.ticks
    child.wait_until(lambda: child.ticks >= ticks + 20)
    assert child.states == ['ARMED', 'entered', 'FIRED']


def test_with_the_gil_held_nothing_in_the_process_goes_on(start):
    child = start(make('native', When.AFTER))
    child.wait_for('FIRED')
    uses_the_core(child)
    child.read_on(silence_s=0.3)
    ticks = child.ticks
    assert ticks > 0
    uses_the_core(child)
    assert child.ticks == ticks
    assert child.states == ['ARMED', 'entered', 'computed', 'FIRED']


@pytest.mark.parametrize(
    ('when', 'states'),
    [
        (When.BEFORE, ['ARMED', 'FIRED']),
        (When.AFTER, ['ARMED', 'entered', 'computed', 'FIRED']),
    ],
)
def test_hangs_before_and_after_the_computation(start, when, states):
    child = start(make('python', when))
    child.wait_for('FIRED')
    ticks = child.ticks
    child.wait_until(lambda: child.ticks >= ticks + 60)
    assert child.states == states
