# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Frames whose every byte follows from stamp, tensor and run, and a reader that knows them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
import torch

from restage.checkpoint.errors import NoCheckpointError
from restage.checkpoint.nodefile import DATA, NodeFile, Plan, Slot, create_node_file
from restage.checkpoint.reader import CheckpointReader, Restored
from restage.checkpoint.tensors import describe
from restage.checkpoint.writer import CheckpointWriter


@lru_cache(maxsize=64)
def _noise(number: int, words: int) -> np.ndarray:
    return np.random.default_rng(number).integers(0, 2**63, words, np.uint64)


@dataclass(frozen=True)
class Tensor:
    """
    A tensor of the script, made at boundary ``made`` and needed up to boundary ``last``.

    ``order``: its dimensions from slowest to fastest. ``varies``: every other frame lacks a row.
    """

    name: str
    number: int
    dtype: torch.dtype
    shape: tuple[int, ...]
    order: tuple[int, ...]
    made: int
    last: int
    varies: bool = False

    @property
    def capacity(self) -> int:
        return int(np.prod(self.shape)) * self.dtype.itemsize

    def content(
        self, stamp: int, run: int, memory: dict[int, np.ndarray] | None = None
    ) -> torch.Tensor:
        """
        The tensor of this frame; ``run`` counts from 0 how often it was made.

        ``memory``: what to make it in, over what was made there before.
        """
        shape = list(self.shape)
        if self.varies and stamp % 2:
            shape[0] -= 1
        size = int(np.prod(shape)) * self.dtype.itemsize
        salt = hash((self.number, stamp, run)) & (2**63 - 1)
        noise = _noise(self.number, -(-self.capacity // 8))
        out = None if memory is None else memory.setdefault(self.number, np.empty_like(noise))
        words = np.add(noise, np.uint64(salt), out=out)
        raw = words.view(np.uint8)[:size]
        if self.dtype is torch.bool:
            raw &= 1
        flat = torch.from_numpy(raw).view(self.dtype)
        physical = flat.reshape([shape[dim] for dim in self.order])
        return physical.permute([self.order.index(dim) for dim in range(len(shape))])


@dataclass(frozen=True)
class Script:
    """What a writer does: the same for every frame, but for its content and its retries."""

    tensors: tuple[Tensor, ...]
    stages: int
    rewind_to: int

    @property
    def last(self) -> int:
        return self.stages - 1

    def plan(self) -> Plan:
        slots = tuple(Slot(tensor.name, tensor.capacity) for tensor in self.tensors)
        return Plan(slots, tuple(f's{stage}' for stage in range(self.stages)))

    def live(self, boundary: int) -> list[Tensor]:
        return [one for one in self.tensors if one.made <= boundary <= one.last]

    def live_after(self, boundary: int) -> list[str]:
        return [tensor.name for tensor in self.live(boundary)]

    def make(self, path: Path) -> Path:
        create_node_file(path, DATA + 2 * self.plan().arena_bytes() + 256)
        return path

    def retries(self, stamp: int) -> bool:
        """Whether the frame goes back to boundary ``rewind_to`` once, from its end."""
        return stamp % 3 == 0

    def run_of(self, tensor: Tensor, stamp: int) -> int:
        """The run of the tensor that a whole frame ends with."""
        return int(self.retries(stamp) and tensor.made > self.rewind_to)

    def write(
        self, writer: CheckpointWriter, stamp: int, memory: dict[int, np.ndarray] | None = None
    ) -> None:
        """Write one frame as an engine does."""
        writer.begin_frame(stamp)
        writer.marks.frame(stamp, 'camera', 1)
        state: dict[str, torch.Tensor] = {}
        for run, first in ((0, -1), (1, self.rewind_to + 1)):
            if run and not self.retries(stamp):
                break
            if run:
                again = [one.name for one in self.tensors if one.made >= first]
                writer.rewind(self.rewind_to, again)
            for boundary in range(first, self.stages):
                made = [one for one in self.tensors if one.made == boundary]
                state.update({one.name: one.content(stamp, run, memory) for one in made})
                writer.commit(boundary, {name: state[name] for name in self.live_after(boundary)})
        writer.marks.ended()

    def check(self, restored: Restored, stamp: int) -> None:
        """Fail unless this is bit for bit what the writer meant for the stamp and boundary."""
        wanted = self.live(restored.boundary)
        assert set(restored.tensors) == {one.name for one in wanted}
        runs = {0, 1}
        for one in wanted:
            retried = self.retries(stamp) and one.made > self.rewind_to
            tensor = restored.tensors[one.name]
            fits = {run for run in range(1 + retried) if _same(tensor, one.content(stamp, run))}
            assert fits, f'{one.name} at {restored.boundary} is not of frame {stamp}'
            if retried:
                runs &= fits
        assert runs, f'frame {stamp}, boundary {restored.boundary}: parts of two runs'

    def read(
        self, reader: CheckpointReader, stamp: int, at_most: int = 62, *, copy: bool = True
    ) -> int | None:
        """The boundary that is restored, checked; None where there is none."""
        try:
            restored = reader.restore(stamp, self.live_after, at_most=at_most, copy=copy)
        except NoCheckpointError:
            return None
        self.check(restored, stamp)
        return restored.boundary

    def check_marks(self, file: NodeFile) -> int:
        """Fail unless every tensor that is marked valid is there; return how many are."""
        plan, marked = file.plan(), 0
        for arena, (head, entries) in enumerate(zip(file.heads, file.entries, strict=True)):
            sequence, stamp = int(head[0]), int(head[1])
            for one in self.tensors if sequence else ():
                slot, offset, _ = plan.offsets()[one.name]
                if int(entries[slot, 0]) == sequence:
                    marked += 1
                    wanted = [describe(one.content(stamp, run))[1] for run in (0, 1)]
                    data = file.data(arena, offset, wanted[0].nbytes, plan)
                    assert any(np.array_equal(data, one) for one in wanted)
        return marked

    def half_copied(self, file: NodeFile, stamp: int) -> bool:
        """Whether a tensor of the frame, which has not its mark, is there in part."""
        plan, run = self.plan(), 0
        heads = [int(head[1]) if int(head[0]) else -1 for head in file.heads]
        if stamp not in heads:
            return False
        arena = heads.index(stamp)
        sequence = int(file.heads[arena][0])
        for one in self.tensors:
            slot, offset, _ = plan.offsets()[one.name]
            if int(file.entries[arena][slot, 0]) == sequence:
                continue
            for run in range(1 + self.retries(stamp)):
                new = describe(one.content(stamp, run))[1]
                same = np.count_nonzero(file.data(arena, offset, new.nbytes, plan) == new)
                # By chance one byte in 256 is the same.
                if new.nbytes > 256 and 0.1 * new.nbytes < same < new.nbytes:
                    return True
        return False


def _same(one: torch.Tensor, other: torch.Tensor) -> bool:
    if (one.dtype, one.shape) != (other.dtype, other.shape):
        return False
    if one.numel() and one.stride() != other.stride():
        return False
    return bool(np.array_equal(describe(one)[1], describe(other)[1]))


class Scripts:
    """What the tests of this folder share."""

    Script = Script
    Tensor = Tensor

    @staticmethod
    def small(**changes: int) -> Script:
        """Four boundaries; ``skip`` is alive at all, ``flags`` at the last but one."""
        f32, channels_last = torch.float32, (0, 2, 3, 1)
        tensors = (
            Tensor('image', 0, torch.uint8, (4, 6, 3), (0, 1, 2), -1, -1),
            Tensor('x', 1, f32, (1, 3, 4, 2), channels_last, 0, 1),
            Tensor('skip', 2, torch.float16, (1, 4, 2, 2), channels_last, 0, 2),
            Tensor('c', 3, f32, (1, 4, 2, 1), (0, 1, 2, 3), 1, 2),
            Tensor('flags', 4, torch.bool, (5,), (0,), 1, 1),
            Tensor('out', 5, f32, (3, 6), (0, 1), 2, 2, True),
        )
        return Script(tensors, changes.get('stages', 3), changes.get('rewind_to', 0))


@pytest.fixture(scope='session')
def scripts() -> type[Scripts]:
    """Scripts for a writer, and how to check what is read."""
    return Scripts
