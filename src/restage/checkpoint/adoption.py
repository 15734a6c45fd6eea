# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What a recovery node finds in a store that another one has left."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from restage.checkpoint.control import Control
from restage.checkpoint.errors import StoreError
from restage.checkpoint.nodefile import NodeFile
from restage.checkpoint.progress import ProgressMarks


@dataclass(frozen=True)
class Left:
    """
    The state of the roles in a store.

    ``epoch``: the last one given; ``adopt``: the primary it was given to may live; ``ended_ns``:
    stamp of the last frame that any primary has dealt with.
    """

    epoch: int
    adopt: bool
    ended_ns: int


def left_by(store: Path, nodes: list[str], control: Control) -> Left:
    """Read the files of ``nodes`` in ``store``."""
    epoch = control.epoch
    # A primary of this host has left its epoch here; one of another host has no part in the store,
    # and may well live.
    adopt = epoch > 0
    ended_ns = 0
    for node in nodes:
        try:
            file = NodeFile(store / node)
        except StoreError:
            continue
        marks = ProgressMarks(file).read()
        ended_ns = max(ended_ns, marks.ended_ns)
        if epoch and marks.epoch == epoch:
            adopt = file.process.alive()
    return Left(epoch, adopt, ended_ns)
