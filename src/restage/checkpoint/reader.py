# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The reading side of the store: who resumes a frame."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import torch

from restage.checkpoint.boundaries import find_frame, valid_boundaries
from restage.checkpoint.errors import NoCheckpointError, StoreError
from restage.checkpoint.nodefile import NodeFile
from restage.checkpoint.tensors import META_WORDS, TensorMeta, rebuild
from restage.checkpoint.writer import CHECKSUM, COMMIT, META, checksum


@dataclass(frozen=True)
class Restored:
    """A state of the inference: the tensors alive at ``boundary`` (-1: the image)."""

    boundary: int
    tensors: dict[str, torch.Tensor]


class CheckpointReader:
    """
    Read checkpoints of one frame from a node's file, of a dead node or of this one.

    Nothing is accepted unless its sequence number is the frame's and its checksum holds.
    """

    def __init__(self, file: NodeFile, model: str | None = None) -> None:
        """
        Read from ``file``, which a writer has laid out for the model with digest ``model``.

        :raises StoreError: when it was another model, or nothing was laid out; None: any model.
        """
        self._file = file
        self._plan = file.plan()
        if model is not None and model != self._plan.model:
            raise StoreError(
                f"the checkpoints in '{file.path}' are of model {self._plan.model}, not {model}: "
                'both detection nodes must run the same weights'
            )
        self._offsets = self._plan.offsets()

    def boundaries(self, stamp_ns: int) -> list[int]:
        """Return the boundaries marked valid for a frame, latest first."""
        return valid_boundaries(self._file, self._plan, stamp_ns)

    def restore(
        self, stamp_ns: int, live_after: Callable[[int], Iterable[str]], *, at_most: int
    ) -> Restored:
        """
        Return the latest boundary not after ``at_most`` whose tensors are all whole.

        The tensors are copies, in the memory order they were stored in.

        :raises NoCheckpointError: when the frame has none.
        """
        found = find_frame(self._file, stamp_ns)
        if found is None:
            raise NoCheckpointError(f'frame {stamp_ns} is not in the store {self._file.path}')
        arena, sequence = found
        for boundary in self.boundaries(stamp_ns):
            if boundary > at_most:
                continue
            tensors = {name: self._load(arena, sequence, name) for name in live_after(boundary)}
            whole = {name: tensor for name, tensor in tensors.items() if tensor is not None}
            if len(whole) == len(tensors):
                return Restored(boundary, whole)
        raise NoCheckpointError(f'no whole checkpoint of frame {stamp_ns} up to stage {at_most}')

    def _load(self, arena: int, sequence: int, name: str) -> torch.Tensor | None:
        """Return the tensor, or None where it is not whole."""
        if name not in self._offsets:
            return None
        number, offset, capacity = self._offsets[name]
        entry = self._file.entries[arena][number].copy()
        if int(entry[COMMIT]) != sequence:
            return None
        words = entry[META : META + META_WORDS]
        try:
            meta = TensorMeta.from_words([int(word) for word in words])
        except ValueError:
            return None
        if meta.nbytes > capacity:
            return None
        data = self._file.data(arena, offset, meta.nbytes, self._plan).copy()
        if checksum(data, words) != int(entry[CHECKSUM]):
            return None
        # A writer that went on meanwhile has taken the commit back before it touched the data.
        if int(self._file.entries[arena][number][COMMIT]) != sequence:
            return None
        return rebuild(meta, data)
