# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A tensor as plain bytes and back, with its memory order kept.

The order is part of the value here: a convolution of a channels-last tensor may take another
kernel than that of a contiguous one, and round differently. A resumed frame must be bit-identical.
So the strides are kept as they are, those of dimensions of size one too: PyTorch goes by them
when it suggests a memory format for the output.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

MAX_DIMS = 8
META_WORDS = 2 + 2 * MAX_DIMS
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
    """Data type, shape and strides (in elements) of a tensor whose elements lie without gaps."""

    dtype: torch.dtype
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    def words(self) -> list[int]:
        """
        Return the fields as ``META_WORDS`` numbers.

        :raises ValueError: for a type or a number of dimensions that has no number here.
        """
        dims = len(self.shape)
        if self.dtype not in DTYPES or dims > MAX_DIMS:
            known = ', '.join(str(dtype).removeprefix('torch.') for dtype in DTYPES)
            raise ValueError(
                f'is {self.dtype} with {dims} dimensions; '
                f'accepted: {known} with at most {MAX_DIMS} dimensions'
            )
        pad = [0] * (MAX_DIMS - dims)
        return [DTYPES.index(self.dtype), dims, *self.shape, *pad, *self.strides, *pad]

    @classmethod
    def from_words(cls, words: Sequence[int]) -> TensorMeta:
        """
        Return what ``words`` wrote.

        :raises ValueError: for words it cannot have written; they may be damaged in any way.
        """
        kind, dims = words[0], words[1]
        if kind >= len(DTYPES) or dims > MAX_DIMS:
            raise ValueError(f'not a tensor description: {words}')
        shape, strides = words[2 : 2 + dims], words[2 + MAX_DIMS : 2 + MAX_DIMS + dims]
        if 0 not in shape and not is_dense(shape, strides):
            raise ValueError(f'strides {strides} of shape {shape} leave gaps')
        return cls(DTYPES[kind], tuple(shape), tuple(strides))

    @property
    def nbytes(self) -> int:
        """Size of the data in bytes; beyond any memory where the shape is a damaged one."""
        return math.prod(self.shape) * self.dtype.itemsize


def is_dense(shape: Sequence[int], strides: Sequence[int]) -> bool:
    """Return whether the elements lie one after the other in some order, without gaps."""
    expected = 1
    for stride, size in sorted(zip(strides, shape, strict=True)):
        if size != 1:
            if stride != expected:
                return False
            expected *= size
    return True


def describe(tensor: torch.Tensor) -> tuple[TensorMeta, NDArray[np.uint8]]:
    """
    Return the description of a tensor and its bytes in memory order.

    They are a view of one on the CPU that is dense, else a copy.
    """
    if not is_dense(tensor.shape, tensor.stride()):
        tensor = tensor.contiguous()
    meta = TensorMeta(tensor.dtype, tuple(tensor.shape), tensor.stride())
    flat = tensor.detach().as_strided((tensor.numel(),), (1,))
    data: NDArray[np.uint8] = flat.view(torch.uint8).cpu().numpy()
    return meta, data


def rebuild(meta: TensorMeta, data: NDArray[np.uint8]) -> torch.Tensor:
    """Return the tensor over ``data`` (uint8, ``meta.nbytes``), without a copy."""
    if meta.nbytes == 0:
        return torch.empty(meta.shape, dtype=meta.dtype)
    return torch.from_numpy(data).view(meta.dtype).as_strided(meta.shape, meta.strides)
