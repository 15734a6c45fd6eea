# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The lowest and the highest value of each channel of a tensor."""

from __future__ import annotations

import torch

LONG = 128


def by_channel(tensor: torch.Tensor) -> torch.Tensor:
    """
    Return the values as rows by channels; without a copy if the tensor is channels-last.

    A picture (N x C x H x W) has its C channels; everything else is one.
    """
    if tensor.ndim == 4:
        return tensor.permute(0, 2, 3, 1).reshape(-1, tensor.shape[1])
    return tensor.reshape(-1, 1)


def extremes(tensor: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the lowest and highest value of each channel; NaN where there is one."""
    rows = by_channel(tensor)
    count, channels = rows.shape
    # Rows of some dozen values are reduced ten times as fast as short ones: some make a long one.
    fold = 1
    while fold * channels < LONG and count % (2 * fold) == 0:
        fold *= 2
    if fold == 1:
        return rows.amin(dim=0), rows.amax(dim=0)
    long = rows.reshape(count // fold, fold * channels)
    lowest, highest = long.amin(dim=0), long.amax(dim=0)
    return (
        lowest.reshape(fold, channels).amin(dim=0),
        highest.reshape(fold, channels).amax(dim=0),
    )
