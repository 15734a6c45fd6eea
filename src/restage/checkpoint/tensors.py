# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A tensor as plain bytes and back, with its memory order kept.

The order is part of the value here: a convolution of a channels-last tensor may take another
kernel than that of a contiguous one, and round differently. A resumed frame must be bit-identical.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

MAX_DIMS = 8
DTYPES: tuple[torch.dtype, ...] = (
    torch.float32,
    torch.float16,
    torch.bfloat16,
    torch.int8,
    torch.uint8,
    torch.int32,
    torch.int64,
    torch.float64,
    torch.bool,
    torch.int16,
)


@dataclass(frozen=True)
class TensorMeta:
    """Data type, shape and memory order (dimensions from slowest to fastest) of a tensor."""

    dtype: torch.dtype
    shape: tuple[int, ...]
    order: tuple[int, ...]

    def words(self) -> list[int]:
        """Return the fields as ``3 + 2 * MAX_DIMS`` numbers."""
        pad = [0] * (MAX_DIMS - len(self.shape))
        head = [DTYPES.index(self.dtype), len(self.shape)]
        return [*head, *self.shape, *pad, *self.order, *pad]

    @classmethod
    def from_words(cls, words: list[int]) -> TensorMeta:
        """Return what ``words`` wrote; raises ValueError for words it cannot have written."""
        if words[0] >= len(DTYPES) or words[1] > MAX_DIMS:
            raise ValueError(f'not a tensor description: {words}')
        dims = words[1]
        order = words[2 + MAX_DIMS : 2 + MAX_DIMS + dims]
        return cls(DTYPES[words[0]], tuple(words[2 : 2 + dims]), tuple(order))

    @property
    def nbytes(self) -> int:
        """Size of the data in bytes."""
        return int(np.prod(self.shape, dtype=np.int64)) * self.dtype.itemsize


META_WORDS = 2 + 2 * MAX_DIMS


def describe(tensor: torch.Tensor) -> tuple[TensorMeta, NDArray[np.uint8]]:
    """Return the description of a CPU tensor and its bytes in memory order (a view if dense)."""
    strides = tensor.stride()
    order = tuple(sorted(range(tensor.dim()), key=lambda dim: (-strides[dim], dim)))
    dense = tensor.permute(order)
    if not dense.is_contiguous() or tensor.numel() == 0:
        order = tuple(range(tensor.dim()))
        dense = tensor.contiguous()
    meta = TensorMeta(tensor.dtype, tuple(tensor.shape), order)
    data: NDArray[np.uint8] = dense.detach().reshape(-1).view(torch.uint8).numpy()
    return meta, data


def rebuild(meta: TensorMeta, data: NDArray[np.uint8]) -> torch.Tensor:
    """Return the tensor over ``data`` (uint8, ``meta.nbytes``), without a copy."""
    if meta.nbytes == 0:
        return torch.empty(meta.shape, dtype=meta.dtype)
    physical = [meta.shape[dim] for dim in meta.order]
    inverse = [meta.order.index(dim) for dim in range(len(meta.order))]
    flat = torch.from_numpy(data).view(meta.dtype)
    return flat.reshape(physical).permute(inverse)
