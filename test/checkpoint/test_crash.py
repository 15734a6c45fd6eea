# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A writer killed at any moment, or read while it works, leaves nothing torn that reads as valid.

RESTAGE_KILLS: how many writers are killed, 150 by default; 2000 take two minutes.
"""

from __future__ import annotations

import gc
import os
import random
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from restage.checkpoint.errors import NoCheckpointError, StoreError
from restage.checkpoint.folder import SHARED_MEMORY
from restage.checkpoint.nodefile import NodeFile
from restage.checkpoint.progress import ProgressMarks
from restage.checkpoint.reader import CheckpointReader, Restored
from restage.checkpoint.tensors import DTYPES
from restage.checkpoint.writer import CheckpointWriter

KILLS = int(os.environ.get('RESTAGE_KILLS', '150'))
BATCH = 10
LIVE_S = 1.5
DEADLINE_S = 60.0
# Every run is another: what a kill meets is chance anyway, so there is nothing to shrink.
RANDOM = settings(
    deadline=None,
    database=None,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope='module')
def place() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix='restage-test-', dir=SHARED_MEMORY) as folder:
        # A forked child must not go through, and so copy, what the collector knows.
        gc.collect()
        gc.freeze()
        yield Path(folder)
        gc.unfreeze()


@st.composite
def scripts_of_any_shape(draw, scripts):
    """One to four boundaries and seven tensors, from a byte to four megabytes."""
    stages = draw(st.integers(1, 4))
    # Quarters of an octave. Among small tensors alone few kills meet a copy.
    sizes = st.integers(0, 88)
    first = draw(st.sampled_from([sizes, st.integers(60, 88), st.integers(76, 88)]))
    tensors = []
    for number in range(draw(st.integers(1, 7))):
        dtype = draw(st.sampled_from(DTYPES))
        elements = 2 ** (draw(sizes if tensors else first) / 4) / dtype.itemsize
        rest, shape = max(1, int(elements)), []
        for _ in range(draw(st.integers(0, 3))):
            shape.append(min(rest, draw(st.sampled_from([1, 2, 3, 16, 64]))))
            rest //= shape[-1]
        shape.insert(0, max(1, rest))
        order = tuple(draw(st.permutations(range(len(shape)))))
        made = draw(st.integers(-1, stages - 1))
        last = draw(st.integers(made, stages - 1))
        varies = draw(st.booleans())
        tensors.append(
            scripts.Tensor(f't{number}', number, dtype, tuple(shape), order, made, last, varies)
        )
    return scripts.Script(tuple(tensors), stages, draw(st.integers(-2, stages - 1)))


def start_writer(script, path: Path) -> int:
    """Fork a process that writes frame after frame from stamp 1 on; return its pid."""
    child = os.fork()
    if child:
        return child
    try:
        writer = CheckpointWriter(NodeFile(path), script.plan())
        memory: dict[int, np.ndarray] = {}
        for stamp in range(1, 2**40):
            script.write(writer, stamp, memory)
    finally:
        os._exit(1)


def kill(child: int) -> None:
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def wait_for_frame(file: NodeFile, writer: int, stamp: int) -> None:
    end = time.monotonic() + DEADLINE_S
    while file.process.pid != writer or newest_stamp(file) < stamp:
        assert time.monotonic() < end, 'the writer does not write'
        time.sleep(0.0001)


def newest_stamp(file: NodeFile) -> int:
    return max((int(head[1]) for head in file.heads if int(head[0])), default=0)


def judge(script, path: Path, met: Counter[str]) -> None:
    """Read what a killed writer has left as a standby does."""
    file = NodeFile(path)
    try:
        reader = CheckpointReader(file)
    except StoreError:
        met['attaching'] += 1
        return
    newest = newest_stamp(file)
    marks = ProgressMarks(file).read()
    assert marks.stamp_ns in (newest, newest - 1)
    both_begun = all(int(head[0]) for head in file.heads)
    for stamp in range(max(1, newest - 4), newest + 3):
        if stamp not in (newest - 1, newest):
            assert reader.boundaries(stamp) == []
            assert script.read(reader, stamp) is None
            continue
        named = reader.boundaries(stamp)
        for boundary in named:
            assert script.read(reader, stamp, boundary) == boundary
        assert script.read(reader, stamp) == (named[0] if named else None)
        # The frame that ended last is whole, whatever happens to the next one.
        if stamp == marks.ended_ns or (stamp == newest - 1 and both_begun):
            assert named == list(range(script.last, -2, -1))
    if marks.stamp_ns == newest and marks.in_flight:
        met['mid-frame'] += 1
        met['mid-tensor'] += script.half_copied(file, newest)
        met['in a frame with a retry'] += script.retries(newest)


@pytest.mark.timeout(900)
def test_a_writer_killed_at_any_moment_leaves_only_what_is_right(scripts, place: Path) -> None:
    met: Counter[str] = Counter()

    @settings(RANDOM, max_examples=max(1, KILLS // BATCH))
    @given(script=scripts_of_any_shape(scripts), seed=st.integers(0, 2**32))
    def kill_some(script, seed: int) -> None:
        source = random.Random(seed)
        path = script.make(place / 'node')
        file = NodeFile(path)
        try:
            for _ in range(BATCH):
                child = start_writer(script, path)
                try:
                    # One in ten while it attaches, over what the one before has left.
                    first = source.choice([0, 1, 1, 2, 2, 2, 3, 3, 3, 4])
                    if first:
                        wait_for_frame(file, child, first)
                    time.sleep(source.uniform(0, 0.002 if first else 0.008))
                finally:
                    kill(child)
                met['kills'] += 1
                judge(script, path, met)
        finally:
            path.unlink()

    kill_some()
    print(f'\n{dict(met)}')
    # Or else the kills have met nothing.
    assert met['kills'] >= min(KILLS, BATCH)
    assert met['mid-frame'] > 0.5 * met['kills']
    if KILLS >= 100:
        assert met['mid-tensor'] > 0
    if KILLS >= 400:  # few examples may nearly all be of small tensors
        assert met['mid-tensor'] > 0.04 * met['kills']
    if KILLS >= 1000:  # it takes a moment only
        assert met['attaching'] > 0


def test_a_reader_of_a_living_writer_never_gets_a_torn_checkpoint(scripts, place: Path) -> None:
    met: Counter[str] = Counter()

    def look(script, reader: CheckpointReader, stamp: int) -> None:
        met['copies'] += script.read(reader, stamp) is not None
        try:
            views = reader.restore(stamp, script.live_after, at_most=62, copy=False)
        except NoCheckpointError:
            met['refused'] += 1
            return
        kept = Restored(views.boundary, {n: clone(t) for n, t in views.tensors.items()})
        # What it was checked as it may still be only if the writer is not further by now.
        if script.retries(stamp) or not reader.boundaries(stamp):
            met['views gone'] += 1
        else:
            met['views'] += 1
            script.check(kept, stamp)

    @settings(RANDOM, max_examples=8)
    @given(script=scripts_of_any_shape(scripts))
    def read_some(script) -> None:
        path = script.make(place / 'node')
        file = NodeFile(path)
        child = start_writer(script, path)
        try:
            wait_for_frame(file, child, 1)
            reader, marks = CheckpointReader(file), ProgressMarks(file)
            end = time.monotonic() + LIVE_S
            while time.monotonic() < end:
                stamp = marks.read().stamp_ns
                for one in (stamp - 1, stamp, stamp + 1):
                    look(script, reader, one)
        finally:
            kill(child)
            path.unlink()

    read_some()
    print(f'\n{dict(met)}')
    assert met['copies'] > 10
    assert met['views'] > 10
    assert met['refused'] > 10


def clone(tensor: torch.Tensor) -> torch.Tensor:
    """A copy with the same strides, which ``clone`` alone does not promise."""
    return torch.empty_strided(tensor.shape, tensor.stride(), dtype=tensor.dtype).copy_(tensor)
