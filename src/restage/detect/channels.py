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


def folded(tensor: torch.Tensor) -> torch.Tensor:
    """
    Return the values as rows of all channels, or of all channels several times over.

    Rows of some dozen values are reduced ten times as fast as short ones.
    """
    rows = by_channel(tensor)
    count, channels = rows.shape
    fold = 1
    while fold * channels < LONG and count % (2 * fold) == 0:
        fold *= 2
    return rows if fold == 1 else rows.reshape(count // fold, fold * channels)


def extremes(tensor: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the lowest and highest value of each channel; NaN where there is one."""
    channels = tensor.shape[1] if tensor.ndim == 4 else 1
    rows = folded(tensor)
    return (
        rows.amin(dim=0).reshape(-1, channels).amin(dim=0),
        rows.amax(dim=0).reshape(-1, channels).amax(dim=0),
    )
