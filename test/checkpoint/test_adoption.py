# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import os
from pathlib import Path

import pytest

from restage.cameras import MOST_CAMERAS
from restage.checkpoint.adoption import Left, left_by
from restage.checkpoint.control import Control
from restage.checkpoint.folder import open_or_create
from restage.checkpoint.nodefile import DATA, NodeFile, Plan
from restage.checkpoint.progress import ProgressMarks

NODES = ['a', 'b']


def only(stamp_ns: int) -> tuple[int, ...]:
    """Return what was ended by camera where the first is the only one."""
    return (stamp_ns, *[0] * (MOST_CAMERAS - 1))


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / 'store'


@pytest.fixture
def control(store: Path) -> Control:
    return open_or_create(store, NODES, DATA + 4096)


def worked(store: Path, node: str, epoch: int, stamp_ns: int, *, dies: bool) -> None:
    """Let a process attach as ``node``, be primary and end a frame; then die, or be this one."""

    def work() -> None:
        file = NodeFile(store / node)
        file.attach(Plan((), ('only',)))
        marks = ProgressMarks(file)
        marks.frame(stamp_ns, 'camera', epoch)
        marks.ended()

    if not dies:
        work()
        return
    pid = os.fork()
    if pid == 0:
        try:
            work()
        finally:
            os._exit(0)
    assert os.waitpid(pid, 0)[1] == 0


def test_a_new_store_has_nobody_to_wait_for(store: Path, control: Control) -> None:
    assert left_by(store, NODES, control) == Left(epoch=0, adopt=False, ended_of=only(0))


def test_a_primary_that_lives_is_waited_for(store: Path, control: Control) -> None:
    worked(store, 'a', 1, 70, dies=True)
    worked(store, 'b', 2, 90, dies=False)
    control.epoch = 2
    assert left_by(store, NODES, control) == Left(
        epoch=2, adopt=True, ended_of=only(90), living=(('b', os.getpid(), 2),)
    )
    NodeFile(store / 'b').sign_off()


def test_a_dead_primary_is_not_though_another_node_lives(store: Path, control: Control) -> None:
    worked(store, 'a', 2, 90, dies=True)
    worked(store, 'b', 1, 70, dies=False)
    control.epoch = 2
    assert left_by(store, NODES, control) == Left(
        epoch=2, adopt=False, ended_of=only(90), living=(('b', os.getpid(), 1),)
    )
    NodeFile(store / 'b').sign_off()


def test_a_primary_without_a_part_in_the_store_may_live_on_another_host(
    store: Path, control: Control
) -> None:
    worked(store, 'b', 1, 70, dies=True)
    control.epoch = 2
    assert left_by(store, NODES, control) == Left(epoch=2, adopt=True, ended_of=only(70))
