# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""``mem.*`` in processes of their own: the memory is really freed, written, gone."""

from __future__ import annotations

import ctypes
import os
import signal
from collections.abc import Callable
from pathlib import Path
from random import Random
from types import SimpleNamespace

import pytest
import torch

from restage.faults.command import Fault
from restage.faults.effects import EFFECTS
from restage.faults.effects.end import LIBC
from restage.faults.effects.exhaust import MIB
from restage.faults.effects.heap import PATTERN
from restage.faults.effects.shot import NotThisTimeError, Shot
from restage.faults.enums import Persistence
from restage.faults.taxonomy import find_kind

DONE = 42


def make_shot(
    kind: str, persistence=Persistence.TRANSIENT, output=None, report=None, **parameters
) -> Shot:
    when = find_kind(kind).default_when
    fault = Fault(id='f', kind=kind, when=when, persistence=persistence, parameters=parameters)
    shot = Shot(
        fault=fault,
        stage=SimpleNamespace(name='s'),
        rng=Random(1),
        report=report or (lambda *_: None),
        outputs={} if output is None else {'p': output},
    )
    EFFECTS[kind](shot)
    return shot


def in_child(work: Callable[[], None]) -> int:
    """Do ``work`` in a child; return its wait status. It ends with DONE if nothing went wrong."""
    child = os.fork()
    if child == 0:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 2)  # glibc has much to say
        try:
            work()
            os._exit(DONE)
        finally:
            os._exit(1)
    return os.waitpid(child, 0)[1]


def done(status: int) -> bool:
    return os.WIFEXITED(status) and os.WEXITSTATUS(status) == DONE


def test_freed_memory_is_given_to_the_next_who_asks():
    def work() -> None:
        output = torch.zeros(1000)
        place = output.data_ptr()
        make_shot('mem.use_after_free', output=output)
        # Other free blocks may be given first, so many as there are.
        blocks = (LIBC.malloc(4000) for _ in range(20_000))
        inside = next(block for block in blocks if place - 4000 < block < place + 4000)
        ctypes.memset(inside, 1, 4000)
        # Before the tensor is gone: its memory would be freed once more.
        os._exit(DONE if output.any() else 1)

    assert done(in_child(work))


def test_a_double_free_is_noticed_by_the_c_library():
    def work() -> None:
        make_shot('mem.double_free', output=torch.zeros(100_000))

    status = in_child(work)
    assert os.WIFSIGNALED(status)
    assert os.WTERMSIG(status) in (signal.SIGABRT, signal.SIGSEGV)
    assert not os.WCOREDUMP(status)


def test_bytes_behind_the_end_are_overwritten_and_none_before():
    def work() -> None:
        output = torch.zeros(997, dtype=torch.uint8)
        make_shot('mem.oob_write', output=output, bytes=2)
        assert (output == 0).all()
        behind = ctypes.string_at(output.data_ptr() + 997, 2)
        assert behind == bytes([PATTERN]) * 2

    assert done(in_child(work))


def resident() -> int:
    return int(Path('/proc/self/statm').read_text().split()[1]) * os.sysconf('SC_PAGE_SIZE')


def test_what_leaks_is_resident_and_stays():
    def work() -> None:
        before = resident()
        told: list[int] = []
        # More than malloc would ever take from what this process has freed.
        shot = make_shot('mem.leak', report=lambda *_: told.append(resident()), mib=64)
        assert not shot.undo
        assert resident() - before > 60 * MIB
        # Getting it takes time, in which the process may be killed for being late.
        assert [at - before < 4 * MIB for at in told] == [True]

    assert done(in_child(work))


def test_without_memory_the_framework_raises_until_the_frame_ends():
    def work() -> None:
        shot = make_shot('mem.oom')
        failed = False
        try:
            torch.zeros(2**24)
        except RuntimeError:
            failed = True
        assert failed
        for undo in shot.undo:
            undo()
        assert torch.zeros(2**24).sum() == 0

    assert done(in_child(work))


def test_one_that_is_permanent_takes_it_once_and_for_good():
    def work() -> None:
        shot = make_shot('mem.oom', Persistence.PERMANENT)
        assert not shot.undo
        try:
            EFFECTS['mem.oom'](shot)
        except NotThisTimeError:
            os._exit(DONE)

    assert done(in_child(work))


@pytest.mark.parametrize('kind', ['mem.use_after_free', 'mem.oob_write', 'mem.double_free'])
def test_an_empty_output_is_left_for_a_later_frame(kind):
    with pytest.raises(NotThisTimeError):
        make_shot(kind, output=torch.zeros(0))
