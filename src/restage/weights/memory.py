# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The memory that a model computes with, and how its bytes are looked at."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import torch
from numpy.typing import NDArray

from restage.checkpoint.tensors import rebuild
from restage.weights.golden import GoldenWeights
from restage.weights.layout import Block, Placed


class HostMemory:
    """A private map of the golden copy; ``seen`` (uint8) is the very memory."""

    def __init__(self, golden: GoldenWeights) -> None:
        self.seen: NDArray[np.uint8] = golden.private()

    def tensor(self, item: Placed) -> torch.Tensor:
        """Return the weight ``item`` in this memory."""
        return rebuild(item.meta, self.seen[item.offset : item.end])

    def look(self, blocks: Iterable[Block]) -> None:
        """Bring ``blocks`` as they are into ``seen``."""

    def put(self, block: Block) -> None:
        """Compute with what ``seen`` has of ``block``."""


class DeviceMemory:
    """
    Memory of ``device``; ``seen`` is pinned memory that blocks are copied to when looked at.

    So they are checked by the checksums of the golden copy, as those on the host, at the price of
    the copy: about what the checksum itself costs.
    """

    def __init__(self, golden: GoldenWeights, device: torch.device) -> None:
        """Copy the weights there."""
        self._device = device
        pinned = device.type == 'cuda'
        self._mirror = torch.empty(golden.data.nbytes, dtype=torch.uint8, pin_memory=pinned)
        self.seen: NDArray[np.uint8] = self._mirror.numpy()
        self.seen[:] = golden.data
        self._there = self._mirror.to(device, copy=True)

    def tensor(self, item: Placed) -> torch.Tensor:
        """Return the weight ``item`` in this memory."""
        flat = self._there[item.offset : item.end].view(item.meta.dtype)
        return flat.as_strided(item.meta.shape, item.meta.strides)

    def look(self, blocks: Iterable[Block]) -> None:
        """Bring ``blocks`` as they are into ``seen``."""
        for block in blocks:
            place = slice(block.start, block.end)
            self._mirror[place].copy_(self._there[place], non_blocking=True)
        self._settle()

    def put(self, block: Block) -> None:
        """Compute with what ``seen`` has of ``block``."""
        place = slice(block.start, block.end)
        self._there[place].copy_(self._mirror[place], non_blocking=True)
        self._settle()

    def _settle(self) -> None:
        if self._device.type == 'cuda':
            torch.cuda.current_stream(self._device).synchronize()


def memory_for(device: torch.device, golden: GoldenWeights) -> HostMemory | DeviceMemory:
    """Return memory of ``device`` with the clean weights in it."""
    return HostMemory(golden) if device.type == 'cpu' else DeviceMemory(golden, device)
