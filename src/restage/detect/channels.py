# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The lowest and the highest value of each channel of a tensor."""

from __future__ import annotations

import torch


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
    return rows.amin(dim=0), rows.amax(dim=0)
