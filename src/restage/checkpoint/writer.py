# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The writing side of the store: the detection node that works on a frame.

Why a reader can trust what it finds, wherever the writer was killed:

- *Marks.* Every frame has a sequence number that no frame had before, of this writer or of an
  earlier one of the same file (they count on from CLOCK_MONOTONIC). A tensor's commit word and a
  boundary's word are valid if they hold the frame's number, one aligned 8-byte store made when
  all else is in place. A killed process leaves its stores up to some instruction and none after
  it, on any CPU; so what is marked is there. Taking the number out of the arena's head takes back
  all of a frame at once.
- *Content.* The checksum of a tensor is taken from the source, not from the copy: a copy that was
  damaged must not vouch for itself. Its seed binds it to the plan (model, slots), the frame's
  stamp and sequence number, the slot and the tensor's description. An entry with the new mark and
  the old data, which a living writer's reader may see on a CPU that reorders stores (aarch64;
  NumPy has no barriers), an old entry in a new frame, or another stamp in the head do not match.
  A reader accepts what it has checked itself, and needs no order of stores for it.
- *Retries.* A retry makes tensors of the same frame anew. ``rewind`` counts up a word of the head
  first, by which the reader of a living writer sees that it may hold some of each run. A dead
  writer's boundary behind the rewind is not valid before all its tensors are made anew.

Calls are few and what can be known before is looked up: between two convolutions Python runs
from a cold cache, several times slower than in a loop.
"""

from __future__ import annotations

import ctypes
import struct
import time
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

import torch
import xxhash

from restage.checkpoint.boundaries import BOUNDARIES, SEQUENCE, STAMP
from restage.checkpoint.errors import StoreError
from restage.checkpoint.nodefile import DATA, NodeFile, Plan, entry_word, head_word
from restage.checkpoint.progress import ProgressMarks
from restage.checkpoint.staging import Staging
from restage.checkpoint.tensors import META_WORDS, TensorMeta, is_dense

# Words of an entry: commit (sequence number), checksum, then the tensor's description.
COMMIT, CHECKSUM, META = 0, 1, 2
# The word of an arena's head that counts retries.
REWINDS = 127

_digest = xxhash.xxh3_64_intdigest


class _Place(NamedTuple):
    """Where a tensor of this type, shape and strides goes in one arena, and as what."""

    of: tuple[torch.dtype, torch.Size, tuple[int, ...]]
    dense: bool
    source: type[ctypes.Array[ctypes.c_ubyte]]
    seed: int
    description: bytes
    data: slice
    entry: slice
    commit: int


class CheckpointWriter:
    """Write one frame after the other into the two arenas in turn; for one thread."""

    def __init__(self, file: NodeFile, plan: Plan) -> None:
        """
        Attach to ``file`` with ``plan``.

        :raises StoreError: when the file is too small for it.
        """
        file.attach(plan)
        self.marks = ProgressMarks(file)
        self._memory = file.memory
        self._words = memoryview(file.memory)[:DATA].cast('Q')
        self._plan = plan
        self._digest = plan.digest()
        self._offsets = plan.offsets()
        self._places: tuple[dict[str, _Place], dict[str, _Place]] = ({}, {})
        self._heads = (head_word(0), head_word(1))
        self._boundaries = {
            boundary: tuple(head + BOUNDARIES + 1 + boundary for head in self._heads)
            for boundary in range(len(plan.stages) - 1, -2, -1)
        }
        self._sequence = time.monotonic_ns()
        self._stamp = -1
        self._seed = 0
        self._commits: dict[str, int] = {}
        self._staging = Staging()

    @property
    def arena(self) -> int:
        """The arena of the frame in work."""
        return self._sequence & 1

    def reserve(self, tensors: Mapping[str, torch.Tensor]) -> None:
        """Prepare for tensors like these, which come from a GPU."""
        self._staging.reserve(tensors)

    def begin_frame(self, stamp_ns: int) -> None:
        """Open the next arena for the frame of ``stamp_ns``; what it held is taken back first."""
        words = self._words
        other, head = self._heads[self._sequence & 1], self._heads[~self._sequence & 1]
        self._commits.clear()
        words[head + SEQUENCE] = 0
        if stamp_ns == self._stamp:
            # The same frame once more: its first run must not be taken for this one.
            words[other + SEQUENCE] = 0
        words[head + STAMP] = self._stamp = stamp_ns
        self._sequence += 1
        self._seed = frame_seed(self._digest, stamp_ns, self._sequence)
        words[head + SEQUENCE] = self._sequence

    def rewind(self, boundary: int, forget: Iterable[str]) -> None:
        """Take back every boundary behind ``boundary``, and the tensors made behind it."""
        words, arena = self._words, self._sequence & 1
        words[self._heads[arena] + REWINDS] += 1
        # Latest first: in between, the frame is as it was at an earlier boundary.
        for later, places in self._boundaries.items():
            if later > boundary:
                words[places[arena]] = 0
        for name in forget:
            if name in self._commits:
                words[self._commits.pop(name)] = 0

    def commit(self, boundary: int, tensors: Mapping[str, torch.Tensor]) -> None:
        """
        Make ``boundary`` valid; tensors the frame has stored already are not written again.

        :raises StoreError: when a tensor has no slot or outgrew it, or cannot be described.
        """
        memory, words, sequence, seed = self._memory, self._words, self._sequence, self._seed
        arena, commits = sequence & 1, self._commits
        places = self._places[arena]
        arrived: Callable[[str], torch.Tensor] | None = None
        for name, tensor in tensors.items():
            if name in commits:
                continue
            if not tensor.is_cpu:
                if arrived is None:
                    arrived = self._staging.start(
                        {key: one for key, one in tensors.items() if key not in commits}
                    )
                tensor = arrived(name)
            place = places.get(name)
            if place is None or place[0] != (tensor.dtype, tensor.shape, tensor.stride()):
                place = self._learn(arena, name, tensor)
            _, dense, kind, own_seed, description, data, entry, mark = place
            if not dense:
                tensor = tensor.contiguous()
            source = kind.from_address(tensor.data_ptr())
            memory[data] = source
            checksum = _digest(source, own_seed ^ seed)
            memory[entry] = checksum.to_bytes(8, 'little') + description
            words[mark] = sequence
            commits[name] = mark
        words[self._boundaries[boundary][arena]] = sequence

    def _learn(self, arena: int, name: str, tensor: torch.Tensor) -> _Place:
        if name not in self._offsets:
            raise StoreError(f"the store has no slot for tensor '{name}'")
        slot, offset, capacity = self._offsets[name]
        shape, strides = tensor.shape, tensor.stride()
        dense = is_dense(shape, strides)
        meta = TensorMeta(
            tensor.dtype, tuple(shape), strides if dense else tensor.contiguous().stride()
        )
        if meta.nbytes > capacity:
            raise StoreError(
                f"tensor '{name}' has {meta.nbytes} bytes; its slot in the store has {capacity}"
            )
        try:
            description = struct.pack(f'<{META_WORDS}Q', *meta.words())
        except ValueError as error:
            raise StoreError(f"tensor '{name}' {error}") from None
        start = DATA + arena * self._plan.arena_bytes() + offset
        mark = entry_word(arena, slot) + COMMIT
        rest = 8 * (mark - COMMIT + CHECKSUM)
        place = self._places[arena][name] = _Place(
            (meta.dtype, shape, strides),
            dense,
            ctypes.c_ubyte * meta.nbytes,
            slot_seed(slot, description),
            description,
            slice(start, start + meta.nbytes),
            slice(rest, rest + 8 + len(description)),
            mark,
        )
        return place


def frame_seed(plan_digest: int, stamp_ns: int, sequence: int) -> int:
    """Return what the checksums of a frame's tensors have in common."""
    return _digest(struct.pack('<QQ', stamp_ns, sequence), plan_digest)


def slot_seed(slot: int, description: bytes) -> int:
    """Return what sets a tensor's checksum apart from others of its frame."""
    return _digest(description, slot)
