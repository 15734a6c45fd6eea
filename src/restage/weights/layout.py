# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Where each weight lies in one contiguous piece of memory."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xxhash
from numpy.typing import NDArray

from restage.checkpoint.tensors import TensorMeta, describe
from restage.stages.model import StagedModel

ALIGNMENT = 64
BLOCK = 256 * 1024


@dataclass(frozen=True)
class Placed:
    """A weight at ``offset`` bytes, its memory order kept."""

    name: str
    offset: int
    meta: TensorMeta

    @property
    def end(self) -> int:
        """The first byte after it."""
        return self.offset + self.meta.nbytes


@dataclass(frozen=True)
class Block:
    """Bytes ``start`` .. ``end``, all of weights that stage ``stage`` is the first to read."""

    stage: int
    start: int
    end: int

    def checksum(self, data: NDArray[np.uint8]) -> int:
        """Return the 64-bit XXH3 of this block of ``data``."""
        return int(xxhash.xxh3_64_intdigest(data[self.start : self.end].data))


@dataclass(frozen=True)
class Layout:
    """All weights of a model by offset, stage after stage, and the blocks they are checked in."""

    placed: tuple[Placed, ...]
    blocks: tuple[Block, ...]

    @classmethod
    def of(cls, model: StagedModel) -> Layout:
        """Place the weights of ``model``; those that no stage claims count as the last stage's."""
        order = [sorted(stage.weights) for stage in model.stages]
        claimed = {name for names in order for name in names}
        order[-1] += sorted(set(model.weights) - claimed)
        placed: list[Placed] = []
        seen: set[int] = set()
        blocks: list[Block] = []
        offset = 0
        for stage, names in enumerate(order):
            first = offset
            for name in names:
                if id(model.weights[name]) in seen:  # shared, also under another name
                    continue
                seen.add(id(model.weights[name]))
                meta, _ = describe(model.weights[name])
                placed.append(Placed(name, offset, meta))
                offset += -(-meta.nbytes // ALIGNMENT) * ALIGNMENT
            starts = range(first, offset, BLOCK)
            blocks += [Block(stage, start, min(start + BLOCK, offset)) for start in starts]
        return cls(tuple(placed), tuple(blocks))

    @property
    def nbytes(self) -> int:
        """Size of the whole, at least one byte: an empty map is not allowed."""
        return max([1, *(block.end for block in self.blocks)])

    def fill(self, memory: NDArray[np.uint8], model: StagedModel) -> None:
        """Copy the weights of ``model`` into ``memory`` (uint8, ``nbytes``)."""
        for item in self.placed:
            _, data = describe(model.weights[item.name])
            memory[item.offset : item.end] = data

    def checksums(self, data: NDArray[np.uint8]) -> tuple[int, ...]:
        """Return the checksum of every block of ``data``."""
        return tuple(block.checksum(data) for block in self.blocks)

    def within(self, block: Block) -> list[Placed]:
        """Return the weights that have bytes in ``block``."""
        return [item for item in self.placed if item.offset < block.end and item.end > block.start]
