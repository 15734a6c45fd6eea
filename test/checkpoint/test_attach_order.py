# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import os
from pathlib import Path

import pytest

from restage.checkpoint.death_lock import DeathLock
from restage.checkpoint.nodefile import DATA, NodeFile, Plan, create_node_file


def test_a_writer_holds_its_death_lock_before_its_file_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or who waits for its death finds the lock of its dead predecessor, and takes it for dead."""
    path = tmp_path / 'node'
    create_node_file(path, DATA + 4096)
    file = NodeFile(path)
    named: list[int] = []
    hold = DeathLock.hold

    def watched(lock: DeathLock) -> None:
        named.append(NodeFile(path).process.pid)
        hold(lock)
        named.append(NodeFile(path).process.pid)

    monkeypatch.setattr(DeathLock, 'hold', watched)
    file.attach(Plan((), ('only',)))
    assert named == [0, 0]
    assert file.process.pid == os.getpid()
    file.sign_off()
