# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What a recovery node finds in a store that another one has left."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from restage.cameras import MOST_CAMERAS
from restage.checkpoint.control import Control
from restage.checkpoint.errors import StoreError
from restage.checkpoint.nodefile import NodeFile
from restage.checkpoint.progress import ProgressMarks


@dataclass(frozen=True)
class Left:
    """
    The state of the roles in a store.

    ``epoch``: the last one given; ``adopt``: the primary it was given to may live; ``ended_of``:
    the last frame of each camera that any primary has dealt with; ``living``: name, pid and epoch
    of the nodes whose processes live.
    """

    epoch: int
    adopt: bool
    ended_of: tuple[int, ...]
    living: tuple[tuple[str, int, int], ...] = ()


def left_by(store: Path, nodes: list[str], control: Control) -> Left:
    """Read the files of ``nodes`` in ``store``."""
    epoch = control.epoch
    # A primary of this host has left its epoch here; one of another host has no part in the store,
    # and may well live.
    adopt = epoch > 0
    ended_of = (0,) * MOST_CAMERAS
    living = []
    for node in nodes:
        try:
            file = NodeFile(store / node)
        except StoreError:
            continue
        marks = ProgressMarks(file).read()
        ended_of = tuple(map(max, ended_of, marks.ended_of))
        process = file.process
        alive = process.alive()
        if alive:
            living.append((node, process.pid, marks.epoch))
        if epoch and marks.epoch == epoch:
            adopt = alive
    return Left(epoch, adopt, ended_of, tuple(living))
