# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What decoders have in common."""

from __future__ import annotations

from collections.abc import Sequence

import torch


def expect(tensor: torch.Tensor, shape: Sequence[int | None], what: str) -> torch.Tensor:
    """
    Return ``tensor`` if it has ``shape`` (None: any size).

    :raises ValueError: when it has not; says what ``what`` is to be.
    """
    fits = tensor.ndim == len(shape) and all(
        wanted in (None, size) for wanted, size in zip(shape, tensor.shape, strict=True)
    )
    if not fits:
        wanted = ' x '.join('any' if size is None else str(size) for size in shape)
        raise ValueError(f'{what} is {tuple(tensor.shape)}; accepted: {wanted}')
    return tensor


def corners(centre: torch.Tensor) -> torch.Tensor:
    """Return boxes given as centre, width, height by their corners; both N x 4."""
    half = centre[:, 2:4] / 2
    return torch.cat([centre[:, :2] - half, centre[:, :2] + half], dim=1)


def cells(height: int, width: int) -> torch.Tensor:
    """Return the column and row of each cell of a grid, row by row: float32 N x 2."""
    rows, columns = torch.meshgrid(
        torch.arange(height, dtype=torch.float32),
        torch.arange(width, dtype=torch.float32),
        indexing='ij',
    )
    return torch.stack([columns.reshape(-1), rows.reshape(-1)], dim=1)
