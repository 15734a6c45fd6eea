# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Starting and keeping processes where that fails; the nodes are `sleep`."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from restage.harness import process
from restage.harness.running_system import RunningSystem
from restage.system import NodeSpec

DEADLINE_S = 20.0


@pytest.fixture(autouse=True)
def nodes_that_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, 'command_of', lambda _: ['sleep', '60'])


def system_of(folder: Path, *names: str, respawn: bool = False) -> RunningSystem:
    specs = [NodeSpec(name=name, executable='x_node', respawn=respawn) for name in names]
    return RunningSystem(specs, domain=0, log_folder=folder)


def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_what_was_started_is_ended_when_another_cannot_be(tmp_path: Path) -> None:
    (tmp_path / 'b.log').mkdir()  # no log file of ours
    system = system_of(tmp_path, 'a', 'b')
    with pytest.raises(OSError), system:
        raise AssertionError('it was started')
    assert list(system.nodes) == ['a']
    assert system.nodes['a'].ended() is not None


def test_a_node_that_cannot_be_started_again_is_tried_again_and_the_others_are_kept(
    tmp_path: Path,
) -> None:
    with system_of(tmp_path, 'a', 'b', respawn=True) as system:
        first = {name: system.nodes[name].pid for name in 'ab'}
        log = tmp_path / 'a.log'
        log.unlink()
        log.mkdir()
        for name in 'ab':
            system.kill(name)
            until(lambda name=name: (name, -9) in system.exits)
        until(lambda: system.nodes['b'].pid != first['b'])
        assert system.nodes['a'].pid == first['a']
        log.rmdir()
        until(lambda: system.nodes['a'].pid != first['a'])
        assert system.nodes['a'].ended() is None
        assert system.exits == [('a', -9), ('b', -9)]
    for node in system.nodes.values():
        with pytest.raises(ProcessLookupError):
            os.kill(node.pid, 0)
