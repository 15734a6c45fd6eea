# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A writer killed anywhere leaves nothing that reads as valid and is not."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

import torch

from restage.checkpoint.errors import NoCheckpointError
from restage.checkpoint.nodefile import NodeFile, Plan, Slot, create_node_file
from restage.checkpoint.progress import ProgressMarks
from restage.checkpoint.reader import CheckpointReader
from restage.checkpoint.writer import CheckpointWriter

ELEMENTS = 50_000
PLAN = Plan((Slot('x', 4 * ELEMENTS), Slot('c', 4 * ELEMENTS)), ('a', 'b'))
LIVE = {0: ('x',), 1: ('x', 'c')}


def write_forever(path: Path, ready: int) -> None:
    """Frame n holds nothing but n: any mixture shows."""
    writer = CheckpointWriter(NodeFile(path), PLAN)
    for stamp in range(1, 1_000_000):
        writer.marks.frame(stamp, 'camera', 1)
        writer.begin_frame(stamp)
        tensor = torch.full((ELEMENTS,), float(stamp))
        writer.commit(0, {'x': tensor})
        writer.commit(1, {'x': tensor, 'c': tensor + 0.5})
        if stamp == 1:
            os.write(ready, b'1')


def test_a_writer_killed_at_any_point_never_leaves_a_torn_checkpoint(tmp_path: Path) -> None:
    random_source = random.Random(3)
    valid = torn_boundaries = 0
    for trial in range(60):
        path = tmp_path / f'node{trial}'
        create_node_file(path, 4 * 1024 * 1024)
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                write_forever(path, writing)
            finally:
                os._exit(1)
        os.read(reading, 1)
        end = time.perf_counter() + random_source.uniform(0, 0.003)
        while time.perf_counter() < end:
            pass
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(reading)
        os.close(writing)
        file = NodeFile(path)
        reader = CheckpointReader(file)
        newest = ProgressMarks(file).read().stamp_ns
        for stamp in (newest - 1, newest):
            try:
                restored = reader.restore(stamp, lambda b: LIVE[b], at_most=1)
            except NoCheckpointError:
                torn_boundaries += 1
                continue
            valid += 1
            assert torch.equal(restored.tensors['x'], torch.full((ELEMENTS,), float(stamp)))
            if restored.boundary == 1:
                assert torch.equal(restored.tensors['c'], restored.tensors['x'] + 0.5)
        path.unlink()
    # The kills must have met the writer in the middle of frames and between them.
    assert valid > 60
    assert torn_boundaries > 0
