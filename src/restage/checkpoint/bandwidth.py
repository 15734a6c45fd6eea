# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""How fast checkpoints are written, against a plain copy into the same shared memory.

In a frame a stage has just made the tensor, and its place in the store was last touched two frames
ago. So before every sample other memory is written, then the tensor. Copy and commit take turns,
with places of their own in the same file.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter_ns

import numpy as np
import torch
from numpy.typing import NDArray

from restage.checkpoint.errors import StoreError
from restage.checkpoint.nodefile import DATA, NodeFile, Plan, Slot, create_node_file
from restage.checkpoint.writer import CheckpointWriter

SAMPLES = 41
# About what a small detector writes between one checkpoint and the next.
BETWEEN = 8 * 1024 * 1024
_WARM_UP = 4


@dataclass(frozen=True)
class Bandwidth:
    """Medians for tensors of ``size`` bytes, in GB/s (1e9 bytes)."""

    size: int
    memcpy_gb_s: float
    commit_gb_s: float

    @property
    def ratio(self) -> float:
        """How much of the plain copy's bandwidth a commit reaches."""
        return self.commit_gb_s / self.memcpy_gb_s


def measure(
    folder: Path, sizes: Sequence[int], *, samples: int = SAMPLES, between: int = BETWEEN
) -> list[Bandwidth]:
    """
    Measure tensors of ``sizes`` bytes, in a store in ``folder`` that is gone afterwards.

    A commit is all of it: data, checksum of the source, description, commit words. ``between``:
    bytes of other memory written before each sample; 0 leaves everything in the cache.

    :raises StoreError: when ``folder`` cannot be written or has no room.
    """
    slots = [Slot(f'{kind} {i}', n) for kind in ('copy', 'commit') for i, n in enumerate(sizes)]
    plan = Plan(tuple(slots), ('stage',))
    other = np.zeros(between, np.uint8)
    copies: list[list[int]] = [[] for _ in sizes]
    commits: list[list[int]] = [[] for _ in sizes]
    with _store(folder, plan) as (file, writer):
        for frame in range(_WARM_UP + samples):
            writer.begin_frame(frame)
            arena = writer.arena
            for i, size in enumerate(sizes):
                tensor = torch.zeros(size, dtype=torch.uint8)
                source = tensor.numpy()
                state = {f'commit {i}': tensor}
                target = file.data(arena, plan.offsets()[f'copy {i}'][1], size, plan)

                _spoil_the_cache(other, source, frame)
                begun = perf_counter_ns()
                np.copyto(target, source)
                copies[i].append(perf_counter_ns() - begun)

                _spoil_the_cache(other, source, frame)
                begun = perf_counter_ns()
                writer.commit(0, state)
                commits[i].append(perf_counter_ns() - begun)
    return [
        Bandwidth(size, size / median(copies[i][_WARM_UP:]), size / median(commits[i][_WARM_UP:]))
        for i, size in enumerate(sizes)
    ]


def _spoil_the_cache(other: NDArray[np.uint8], source: NDArray[np.uint8], value: int) -> None:
    np.add(other, 1, out=other)
    source.fill(value)


@contextmanager
def _store(folder: Path, plan: Plan) -> Iterator[tuple[NodeFile, CheckpointWriter]]:
    """Give a store whose folder is gone as soon as it is mapped, whatever becomes of us."""
    try:
        with tempfile.TemporaryDirectory(prefix=f'restage-bench-{os.getpid()}-', dir=folder) as own:
            create_node_file(Path(own) / 'bench', DATA + 2 * plan.arena_bytes())
            file = NodeFile(Path(own) / 'bench')
    except OSError as error:
        raise StoreError(f"cannot make a store in '{folder}': {error.strerror}") from None
    writer = CheckpointWriter(file, plan)
    try:
        yield file, writer
    finally:
        file.sign_off()
