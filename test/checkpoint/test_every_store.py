# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The file after every single store of a writer, and with any of its stores not there yet."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from restage.checkpoint import nodefile, writer
from restage.checkpoint.errors import StoreError
from restage.checkpoint.nodefile import DATA, NodeFile, Plan, Slot
from restage.checkpoint.reader import CheckpointReader
from restage.checkpoint.writer import CheckpointWriter

TRACED = (writer.__file__, nodefile.__file__)
STAMPS = range(8)
# Which boundaries of which frame can be restored; every one of them was checked bit for bit.
State = dict[int, tuple[int, ...]]


class Images:
    """A file to put images of another one into, and to read them as a standby does."""

    def __init__(self, path: Path, script, original: NodeFile) -> None:
        path.write_bytes(original.memory[:])
        self.script = script
        self.file = NodeFile(path)
        self.marked = 0
        self._early: CheckpointReader | None = None

    def keep_reader(self) -> None:
        """Go on with the reader as it is now beside a new one for each image."""
        self._early = CheckpointReader(self.file)

    def state(self, image: bytes) -> State:
        """What can be restored; whatever is must be right."""
        self.file.memory[:] = image
        for stamp in STAMPS if self._early is not None else ():
            self.script.read(self._early, stamp)
        try:
            reader = CheckpointReader(self.file)
            self.marked += self.script.check_marks(self.file)
            return self._read(reader)
        except StoreError:
            return {}

    def _read(self, reader: CheckpointReader) -> State:
        found = {}
        for stamp in STAMPS:
            named = reader.boundaries(stamp)
            for boundary in named:
                assert self.script.read(reader, stamp, boundary) == boundary
                assert self.script.read(reader, stamp, boundary, copy=False) == boundary
            if named:
                found[stamp] = tuple(named)
        return found


def images_of(file: NodeFile, act: Callable[[], Any]) -> list[bytes]:
    """The file before ``act``, after each line of the writer's code that changed it, and after."""
    images = [file.memory[:]]

    def look() -> None:
        image = file.memory[:]
        if image != images[-1]:
            images.append(image)

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        if frame.f_code.co_filename not in TRACED:
            return None
        if event in ('line', 'return'):
            look()
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        act()
    finally:
        sys.settrace(before)
    look()
    return images


def halves(old: bytes, new: bytes) -> Iterator[bytes]:
    """What a copy of several words looks like when it is cut, from either end."""
    before, after = np.frombuffer(old, np.uint8), np.frombuffer(new, np.uint8)
    changed = np.flatnonzero(before != after)
    if len(set(changed // 8)) == 1 and changed[0] < DATA:
        return  # one store
    for cut in {1, len(changed) // 3, len(changed) // 2, len(changed) - 1} - {0}:
        for done in (changed[:cut], changed[cut:]):
            image = before.copy()
            image[done] = after[done]
            yield image.tobytes()


@pytest.fixture
def written(scripts, tmp_path: Path) -> tuple[NodeFile, Any, CheckpointWriter]:
    """A store with two frames in it."""
    script = scripts.small()
    file = NodeFile(script.make(tmp_path / 'node'))
    writer = CheckpointWriter(file, script.plan())
    for stamp in (1, 2):
        script.write(writer, stamp)
    return file, script, writer


def actions(script, writer: CheckpointWriter, stamp: int) -> Iterator[Callable[[], Any]]:
    """The calls of one frame; in the middle a retry of all but boundary ``rewind_to``."""
    tensors = script.tensors
    yield lambda: writer.begin_frame(stamp)
    for run, first in ((0, -1), (1, script.rewind_to + 1)):
        if run and not script.retries(stamp):
            return
        if run:
            again = [one.name for one in tensors if one.made > script.rewind_to]
            yield lambda: writer.rewind(script.rewind_to, again)  # noqa: B023
        for boundary in range(first, script.stages):
            state = {
                one.name: one.content(stamp, run if one.made >= first else 0)
                for one in script.live(boundary)
            }
            yield lambda: writer.commit(boundary, state)  # noqa: B023


def test_after_every_store_the_file_reads_as_before_the_call_or_as_after_it(
    written, tmp_path: Path
) -> None:
    file, script, writer = written
    images = Images(tmp_path / 'image', script, file)
    everything = tuple(range(script.last, -2, -1))
    assert images.state(file.memory[:]) == {1: everything, 2: everything}
    seen = cuts = 0
    for stamp in (3, 4, 5, 6):
        history: list[tuple[int, ...]] = [()]
        for act in actions(script, writer, stamp):
            stores = images_of(file, act)
            old, new = images.state(stores[0]), images.state(stores[-1])
            history.append(new.get(stamp, ()))
            last = old
            for before, image in pairwise(stores):
                state = images.state(image)
                seen += 1
                for one in STAMPS:
                    # A rewind goes back over what the frame was before.
                    either = {old.get(one, ()), new.get(one, ())}
                    assert state.get(one, ()) in (set(history) if one == stamp else either)
                for half in halves(before, image):
                    cuts += 1
                    assert images.state(half) == last
                last = state
            assert last == new
        assert images.state(file.memory[:]) == {stamp - 1: everything, stamp: everything}
    # Six tensors with data, entry and mark, four boundaries and the head: each was looked at.
    print(f'\n{seen} stores, {cuts} cut copies')
    assert seen > 4 * (6 * 3 + 4 + 3)
    assert cuts > 4 * 6 * 4
    assert images.marked > seen


def test_a_successor_that_attaches_leaves_the_old_or_nothing(written, tmp_path: Path) -> None:
    file, script, _ = written
    images = Images(tmp_path / 'image', script, file)
    images.keep_reader()
    old = images.state(file.memory[:])
    # The same names and sizes in other places: what the first reader knows is wrong from now on.
    slots = tuple(reversed(script.plan().slots))
    other = Plan((*slots, Slot('more', 8)), script.plan().stages)
    begun: list[CheckpointWriter] = []
    stores = images_of(file, lambda: begun.append(CheckpointWriter(file, other)))
    assert len(stores) > 6
    for before, image in pairwise(stores):
        for one in (*halves(before, image), image):
            assert images.state(one) in (old, {})
    assert images.state(stores[-1]) == {}
    for stamp in (1, 2, 4):
        for image in images_of(file, lambda: script.write(begun[0], stamp)):  # noqa: B023
            images.state(image)
    assert set(images.state(file.memory[:])) == {2, 4}


def test_with_any_stores_not_there_yet_nothing_wrong_is_accepted(written, tmp_path: Path) -> None:
    """As a reader on a CPU that makes stores visible in any order may see it."""
    file, script, writer = written
    images = Images(tmp_path / 'image', script, file)
    words = [
        np.frombuffer(image, np.uint64, (DATA + 2 * script.plan().arena_bytes()) // 8)
        for stamp in (4, 5, 7)
        for act in actions(script, writer, stamp)
        for image in images_of(file, act)
    ]
    stores = [
        (place, after[place])
        for before, after in pairwise(words)
        for place in np.flatnonzero(before != after)
    ]
    accepted = refused = 0

    @settings(
        max_examples=600, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(
        issued=st.integers(1, len(stores)),
        late=st.floats(0, 0.5),
        seed=st.integers(0, 2**32),
    )
    def look(issued: int, late: float, seed: int) -> None:
        nonlocal accepted, refused
        source = random.Random(seed)
        image = words[0].copy()
        # Of the newest stores some are not there.
        window = source.randint(1, 200)
        for number, (place, value) in enumerate(stores[:issued]):
            if number < issued - window or source.random() >= late:
                image[place] = value
        images.file.memory[: image.nbytes] = image.tobytes()
        reader = CheckpointReader(images.file)
        for stamp in STAMPS:
            for boundary in reader.boundaries(stamp):
                if script.read(reader, stamp, boundary) == boundary:
                    accepted += 1
                else:
                    refused += 1

    look()
    print(f'\naccepted {accepted}, refused {refused}')
    assert accepted > 600
    assert refused > 60
