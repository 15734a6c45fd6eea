# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""``proc.segv`` and ``proc.abort`` in real processes: they die of the signal, without a dump."""

from __future__ import annotations

import faulthandler
import os
import resource
import signal
import sys

import pytest

from restage.faults.command import Fault
from restage.faults.enums import When

STAGE_MS = 300.0
SIGNALS = {
    'proc.segv': signal.SIGSEGV,
    'proc.abort': signal.SIGABRT,
    'mem.null_deref': signal.SIGSEGV,
}


def make(kind: str, when: When = When.DURING, **parameters: float) -> Fault:
    return Fault(id='f', kind=kind, when=when, parameters=parameters)


def allow_core_dumps() -> None:
    faulthandler.disable()
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))


def died_of(status: int) -> int:
    assert not os.WCOREDUMP(status)
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0


@pytest.mark.parametrize('kind', SIGNALS)
@pytest.mark.parametrize(
    ('after_ms', 'least_ms'), [(-1.0, STAGE_MS / 2), (50.0, 50.0)], ids=['half', 'told']
)
def test_dies_in_the_middle_and_leaves_no_dump(
    start, tmp_path, monkeypatch, kind, after_ms, least_ms
):
    monkeypatch.chdir(tmp_path)
    child = start(make(kind, after_ms=after_ms), prepare=allow_core_dumps)
    assert died_of(child.end()) == SIGNALS[kind]
    assert child.states == ['ARMED', 'entered', 'FIRED']
    fired = child.told[-1]
    into_ms = (fired['ns'] - child.told[1]['ns']) / 1e6
    assert into_ms >= least_ms
    assert fired['stamp'] == 1
    assert fired['detail'].endswith('ms into the stage')
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize('kind', SIGNALS)
@pytest.mark.parametrize(
    ('when', 'states'),
    [
        (When.BEFORE, ['ARMED', 'FIRED']),
        (When.AFTER, ['ARMED', 'entered', 'computed', 'FIRED']),
    ],
)
def test_dies_before_and_after_the_computation(start, kind, when, states):
    child = start(make(kind, when), prepare=allow_core_dumps)
    assert died_of(child.end()) == SIGNALS[kind]
    assert child.states == states
    assert child.told[-1]['detail'].endswith(f'{when.name.lower()} the stage')


@pytest.mark.parametrize('kind', SIGNALS)
def test_a_stage_that_ends_too_early_is_not_left_alive(start, kind):
    child = start(make(kind, after_ms=60_000.0), prepare=allow_core_dumps)
    assert died_of(child.end()) == SIGNALS[kind]
    assert child.states == ['ARMED', 'entered', 'computed', 'FIRED']


def handle_in_python() -> None:
    for number in SIGNALS.values():
        signal.signal(number, lambda *_: os._exit(3))


def handle_in_c() -> None:
    faulthandler.enable(sys.__stderr__)


def ignore() -> None:
    for number in SIGNALS.values():
        signal.signal(number, signal.SIG_IGN)


@pytest.mark.parametrize('kind', SIGNALS)
@pytest.mark.parametrize('prepare', [handle_in_python, handle_in_c, ignore])
def test_no_handler_is_in_the_way(start, kind, prepare):
    child = start(make(kind), prepare=prepare)
    assert died_of(child.end()) == SIGNALS[kind]
    assert child.states == ['ARMED', 'entered', 'FIRED']
