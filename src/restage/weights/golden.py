# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The clean copy of a model's weights: one file of shared memory for all detection nodes.

Every node maps it privately (copy on write) as the weights it computes with: as long as nobody
writes, all share the same pages; a stray write damages the writer's own copy of one page only.
"""

from __future__ import annotations

import contextlib
import mmap
import os
from pathlib import Path

import numpy as np
import xxhash
from numpy.typing import NDArray

from restage.checkpoint.errors import StoreError
from restage.checkpoint.segment import create_file, map_file
from restage.stages.model import StagedModel
from restage.weights.layout import Layout

_PREFIX = 'weights-'


class GoldenWeights:
    """
    The file, mapped; ``data`` (uint8) is shared with every process that maps it.

    ``sums``, ``sum``: XXH3 of each block and of all, of the model that was loaded, not of the file.
    """

    def __init__(self, model: StagedModel, path: Path | None) -> None:
        """
        Open the file at ``path`` for ``model``, made and filled if it is missing or damaged.

        None as ``path``: memory of this process alone.

        :raises StoreError: when there is no room for it.
        """
        self.layout = Layout.of(model)
        clean = np.zeros(self.layout.nbytes, np.uint8)
        self.layout.fill(clean, model)
        self.sums = self.layout.checksums(clean)
        self.sum = int(xxhash.xxh3_64_intdigest(clean.data))
        if path is None:
            self._descriptor = os.memfd_create('restage-weights', os.MFD_CLOEXEC)
            os.ftruncate(self._descriptor, clean.nbytes)
        else:
            if not self._is_in(path):
                _make(path, clean)
            self._descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
        # Not writable: a stray write of this process must not damage what all of them rely on.
        memory = mmap.mmap(self._descriptor, clean.nbytes, prot=mmap.PROT_READ)
        self.data: NDArray[np.uint8] = np.frombuffer(memory, np.uint8)
        if path is None:
            self.writable()[:] = clean

    def __del__(self) -> None:
        """Give the descriptor back; what is mapped stays."""
        with contextlib.suppress(AttributeError, OSError):
            os.close(self._descriptor)

    def writable(self) -> NDArray[np.uint8]:
        """Return the shared bytes mapped anew for writing: to repair them for everybody."""
        return np.frombuffer(mmap.mmap(self._descriptor, self.layout.nbytes), np.uint8)

    def private(self) -> NDArray[np.uint8]:
        """Return the bytes mapped anew, copy on write."""
        memory = mmap.mmap(
            self._descriptor,
            self.layout.nbytes,
            flags=mmap.MAP_PRIVATE,
            prot=mmap.PROT_READ | mmap.PROT_WRITE,
        )
        return np.frombuffer(memory, np.uint8)

    def _is_in(self, path: Path) -> bool:
        """Return whether the file holds exactly these weights."""
        try:
            data = np.frombuffer(map_file(path), np.uint8)
        except StoreError:
            return False
        return data.nbytes == self.layout.nbytes and self.layout.checksums(data) == self.sums


def golden_path(store: Path, digest: str) -> Path:
    """Return where in ``store`` the weights with that digest are."""
    return store / f'{_PREFIX}{digest}'


def _make(path: Path, clean: NDArray[np.uint8]) -> None:
    """Make the file as a whole under another name first: nobody ever maps a half-filled one."""
    new = path.with_name(f'.{path.name}.{os.getpid()}')
    new.unlink(missing_ok=True)
    create_file(new, clean.nbytes)
    np.frombuffer(map_file(new), np.uint8)[:] = clean
    new.rename(path)
    for other in path.parent.glob(f'{_PREFIX}*'):
        # Of a model that was replaced; who still maps it keeps it.
        if other != path:
            with contextlib.suppress(OSError):
                other.unlink()
