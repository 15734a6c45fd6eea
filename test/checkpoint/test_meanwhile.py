# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A writer that goes on at the worst moment, while a reader is in the middle of a frame."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from restage.checkpoint.boundaries import STAMP
from restage.checkpoint.errors import NoCheckpointError
from restage.checkpoint.nodefile import DATA, NodeFile, Plan, Slot, create_node_file
from restage.checkpoint.reader import CheckpointReader, Restored
from restage.checkpoint.writer import CheckpointWriter

PLAN = Plan(tuple(Slot(name, 64) for name in 'xcd'), ('a', 'b'))
LIVE = {0: ('x',), 1: ('x', 'c', 'd')}


def write(writer: CheckpointWriter, stamp: int, value: float) -> None:
    writer.begin_frame(stamp)
    fill(writer, value)


def fill(writer: CheckpointWriter, value: float) -> None:
    state = {name: torch.full((4,), value) for name in 'xcd'}
    for boundary, names in LIVE.items():
        writer.commit(boundary, {name: state[name] for name in names})


class Moments:
    """Calls ``act`` at moment ``number`` of those that it is told of."""

    def __init__(self, number: int, act: Callable[[], None]) -> None:
        self.left = number
        self._act = act

    def now(self) -> None:
        if self.left == 0:
            self._act()
        self.left -= 1


class WatchedFile(NodeFile):
    """Tells ``moments`` before the entry of a tensor is read, and before its data is."""

    def __init__(self, path: Path, moments: Moments) -> None:
        super().__init__(path)
        self._moments = moments
        self.entries = WatchedEntries(self.entries, moments)  # type: ignore[assignment]

    def data(self, arena: int, offset: int, size: int, plan: Plan) -> NDArray[np.uint8]:
        self._moments.now()
        return super().data(arena, offset, size, plan)


class WatchedEntries:
    def __init__(self, entries: Any, moments: Moments) -> None:
        self._entries = entries
        self._moments = moments

    def __getitem__(self, arena: int) -> Any:
        self._moments.now()
        return self._entries[arena]


class WatchedHead:
    """Tells ``moments`` each time the stamp has been read."""

    def __init__(self, words: Any, moments: Moments) -> None:
        self._words = words
        self._moments = moments

    def __getitem__(self, key: Any) -> Any:
        value = self._words[key]
        if key == STAMP:
            value = int(value)
            self._moments.now()
        return value


@pytest.fixture(params=[0, 1])
def writer(request: pytest.FixtureRequest, tmp_path: Path) -> CheckpointWriter:
    """Frames 4 and 5, this one in either arena."""
    create_node_file(tmp_path / 'node', DATA + 2 * PLAN.arena_bytes())
    writer = CheckpointWriter(NodeFile(tmp_path / 'node'), PLAN)
    writer._sequence = (writer._sequence & ~1) + request.param
    write(writer, 4, 4.0)
    write(writer, 5, 5.0)
    return writer


def values(restored: Restored) -> set[float]:
    return {float(value) for tensor in restored.tensors.values() for value in tensor}


@pytest.mark.parametrize('copy', [True, False])
@pytest.mark.parametrize('moment', range(10))
def test_a_frame_that_is_made_anew_meanwhile_is_not_mixed_of_both_runs(
    writer: CheckpointWriter, tmp_path: Path, moment: int, copy: bool
) -> None:
    def again() -> None:
        writer.rewind(0, ['c', 'd'])
        fill(writer, 55.0)  # but for x, which stays

    moments = Moments(moment, again)
    reader = CheckpointReader(WatchedFile(tmp_path / 'node', moments))
    try:
        restored = reader.restore(5, LIVE.__getitem__, at_most=1, copy=copy)
    except NoCheckpointError:
        assert moments.left < 0
        return
    made_anew = {float(restored.tensors[name][0]) for name in 'cd' if restored.boundary == 1}
    assert len(made_anew) <= 1
    assert values(restored) <= {5.0, *made_anew}
    assert moments.left < 0 or made_anew == {5.0}


@pytest.mark.parametrize('copy', [True, False])
@pytest.mark.parametrize('moment', range(10))
@pytest.mark.parametrize('frames', [1, 2, 3])
def test_frames_that_come_meanwhile_are_not_taken_for_this_one(
    writer: CheckpointWriter, tmp_path: Path, frames: int, moment: int, copy: bool
) -> None:
    def go_on() -> None:
        for stamp in range(6, 6 + frames):
            write(writer, stamp, float(stamp))

    moments = Moments(moment, go_on)
    reader = CheckpointReader(WatchedFile(tmp_path / 'node', moments))
    try:
        restored = reader.restore(5, LIVE.__getitem__, at_most=1, copy=copy)
    except NoCheckpointError:
        assert frames > 1
        assert moments.left < 0
        return
    assert frames == 1 or moments.left >= 0
    assert (restored.boundary, values(restored)) == (1, {5.0})


@pytest.mark.parametrize('moment', range(8))
def test_the_boundaries_of_another_frame_are_not_named(
    writer: CheckpointWriter, tmp_path: Path, moment: int
) -> None:
    """Between stamp and sequence number the arena may become another frame's."""

    def go_on() -> None:
        write(writer, 6, 6.0)
        write(writer, 7, 7.0)

    file = NodeFile(tmp_path / 'node')
    moments = Moments(moment, go_on)
    file.heads = [WatchedHead(head, moments) for head in file.heads]  # type: ignore[misc]
    named = CheckpointReader(file).boundaries(5)
    if moments.left < 0:
        assert named == []
    else:
        assert named == [1, 0]
