# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The writing side of the store: the detection node that works on a frame."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import torch
import xxhash
from numpy.typing import NDArray

from restage.checkpoint.boundaries import BOUNDARIES, SEQUENCE, STAMP
from restage.checkpoint.errors import StoreError
from restage.checkpoint.nodefile import NodeFile, Plan
from restage.checkpoint.progress import ProgressMarks
from restage.checkpoint.tensors import META_WORDS, describe

# Words of an entry: commit (sequence number), checksum, then the tensor's description.
COMMIT, CHECKSUM, META = 0, 1, 2


class CheckpointWriter:
    """
    Write one frame after the other into the two arenas in turn.

    A tensor is valid once its commit word holds the frame's sequence number; a boundary once its
    own word does, which is written after all its tensors.
    """

    def __init__(self, file: NodeFile, plan: Plan) -> None:
        """Attach to ``file`` with ``plan``."""
        file.attach(plan)
        self.marks = ProgressMarks(file)
        self._file = file
        self._plan = plan
        self._offsets = plan.offsets()
        self._sequence = 0
        self._written: set[str] = set()

    def begin_frame(self, stamp_ns: int) -> None:
        """Open the next arena for the frame of ``stamp_ns``; what it held is taken back first."""
        self._sequence += 1
        self._written.clear()
        head = self._file.heads[self._sequence & 1]
        head[SEQUENCE] = 0
        head[BOUNDARIES:] = 0
        head[STAMP] = stamp_ns
        head[SEQUENCE] = self._sequence

    def rewind(self, boundary: int, forget: Iterable[str]) -> None:
        """Take back every boundary behind ``boundary``, and the tensors made behind it."""
        arena = self._sequence & 1
        self._file.heads[arena][BOUNDARIES + boundary + 2 :] = 0
        for name in forget:
            if name in self._written:
                self._file.entries[arena][self._offsets[name][0], COMMIT] = 0
                self._written.discard(name)

    def commit(self, boundary: int, tensors: Mapping[str, torch.Tensor]) -> None:
        """
        Make ``boundary`` valid; tensors the frame has stored already are not written again.

        :raises StoreError: when a tensor has no slot or outgrew it.
        """
        arena = self._sequence & 1
        for name, tensor in tensors.items():
            if name not in self._written:
                self._store(arena, name, tensor)
                self._written.add(name)
        self._file.heads[arena][BOUNDARIES + boundary + 1] = self._sequence

    def _store(self, arena: int, name: str, tensor: torch.Tensor) -> None:
        if name not in self._offsets:
            raise StoreError(f"the store has no slot for tensor '{name}'")
        number, offset, capacity = self._offsets[name]
        meta, data = describe(tensor)
        if data.nbytes > capacity:
            raise StoreError(
                f"tensor '{name}' has {data.nbytes} bytes; its slot in the store has {capacity}"
            )
        entry = self._file.entries[arena][number]
        entry[COMMIT] = 0
        target = self._file.data(arena, offset, data.nbytes, self._plan)
        np.copyto(target, data)
        words = np.array(meta.words(), np.uint64)
        # Of the source, not of the copy: a copy that was damaged must not vouch for itself.
        entry[CHECKSUM] = checksum(data, words)
        entry[META : META + META_WORDS] = words
        entry[COMMIT] = self._sequence


def checksum(data: NDArray[np.uint8], words: NDArray[np.uint64]) -> int:
    """Return the 64-bit XXH3 of a tensor's bytes, bound to its description."""
    return int(xxhash.xxh3_64_intdigest(data.data, seed=xxhash.xxh3_64_intdigest(words.tobytes())))
