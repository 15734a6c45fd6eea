# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The reading side of the store: who resumes a frame.

Copies or views
    A copy is checked after it was made, so it is right whatever the writer does meanwhile. A view
    is the store's memory itself, checked where it lies and right as long as the writer leaves it:

    - of a dead node: until a successor that attached to the file has begun its first frames as
      primary. ``attach`` itself clears the tables and leaves the data alone. The successor is
      started seconds after the death and gets frames when the node that took over is dead in
      turn, and its views with it; so the views outlast the frame, and there is no need for a
      copy. A thread that runs on for microseconds after its process is seen dying can do no
      harm: it would have to end its frame and begin a second one to get to this data.
    - of a living writer: until it begins the second next frame, or makes the tensor anew after a
      ``rewind``. Only the writer itself can know that: a node that resumes a frame of its own
      computes with what it has restored, and with nothing that a further rewind takes back.

    Read views of another node's file through ``NodeFile(path, private=True)``: a stage that
    wrongly writes into its inputs then changes its own copy of a page and not the checkpoint,
    which may be needed once more. In a shared mapping it damages the checkpoint, which is found
    out by its checksum, and an earlier boundary is taken.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import torch
import xxhash
from numpy.typing import NDArray

from restage.checkpoint.boundaries import find_frame, valid_boundaries
from restage.checkpoint.errors import NoCheckpointError, StoreError
from restage.checkpoint.nodefile import NodeFile
from restage.checkpoint.tensors import META_WORDS, TensorMeta, rebuild
from restage.checkpoint.writer import CHECKSUM, COMMIT, META, REWINDS, frame_seed, slot_seed


@dataclass(frozen=True)
class Restored:
    """A state of the inference: the tensors alive at ``boundary`` (-1: the image)."""

    boundary: int
    tensors: dict[str, torch.Tensor]


@dataclass(frozen=True)
class _Frame:
    """A frame in the store, and how often the writer had taken back some of it."""

    arena: int
    sequence: int
    rewinds: int


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
        self._digest = self._plan.digest()
        self._offsets = self._plan.offsets()

    def boundaries(self, stamp_ns: int) -> list[int]:
        """Return the boundaries marked valid for a frame, latest first; none if it is gone."""
        frame = self._find(stamp_ns)
        found = valid_boundaries(self._file, self._plan, stamp_ns)
        return found if frame is not None and frame == self._find(stamp_ns) else []

    def restore(
        self,
        stamp_ns: int,
        live_after: Callable[[int], Iterable[str]],
        *,
        at_most: int,
        copy: bool = True,
    ) -> Restored:
        """
        Return the latest boundary not after ``at_most`` whose tensors are all whole.

        Shapes, types and strides are those that were stored. ``copy``: whether the tensors are
        copies, or views of the store for as long as the module says.

        :raises NoCheckpointError: when the frame has none.
        """
        frame = self._find(stamp_ns)
        if frame is None:
            raise NoCheckpointError(f'frame {stamp_ns} is not in the store {self._file.path}')
        seed = frame_seed(self._digest, stamp_ns, frame.sequence)
        for boundary in self.boundaries(stamp_ns):
            if boundary > at_most:
                continue
            tensors = {}
            for name in live_after(boundary):
                tensor = self._load(frame, seed, name, copy=copy)
                if tensor is None:
                    break
                tensors[name] = tensor
            else:
                # A writer that went on meanwhile has said so before it touched any of this.
                if self._find(stamp_ns) == frame:
                    return Restored(boundary, tensors)
        raise NoCheckpointError(f'no whole checkpoint of frame {stamp_ns} up to stage {at_most}')

    def _find(self, stamp_ns: int) -> _Frame | None:
        found = find_frame(self._file, stamp_ns)
        return found and _Frame(*found, int(self._file.heads[found[0]][REWINDS]))

    def _load(self, frame: _Frame, seed: int, name: str, *, copy: bool) -> torch.Tensor | None:
        """Return the tensor, or None where it is not whole."""
        if name not in self._offsets:
            return None
        slot, offset, capacity = self._offsets[name]
        entry = self._file.entries[frame.arena][slot, : META + META_WORDS].tolist()
        words = entry[META:]
        try:
            meta = TensorMeta.from_words(words)
        except ValueError:
            return None
        if entry[COMMIT] != frame.sequence or meta.nbytes > capacity:
            return None
        data = self._file.data(frame.arena, offset, meta.nbytes, self._plan)
        if copy:
            data = _aligned_copy(data)
        seed ^= slot_seed(slot, struct.pack(f'<{META_WORDS}Q', *words))
        if xxhash.xxh3_64_intdigest(data.data, seed) != entry[CHECKSUM]:
            return None
        return rebuild(meta, data)


def _aligned_copy(data: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Copy into memory aligned as that of any tensor, for the same kernels to be taken."""
    copied: NDArray[np.uint8] = torch.empty(data.nbytes, dtype=torch.uint8).numpy()
    np.copyto(copied, data)
    return copied
