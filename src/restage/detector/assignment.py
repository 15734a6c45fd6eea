# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Which locations learn which object: centre sampling (Tian et al. 2019)."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from restage.detector.network import STRIDES

REACH = {8: (0.0, 72.0), 16: (64.0, 176.0), 32: (160.0, 1e9)}  # longer box side, pixels
RADIUS = 1.25  # strides around the box centre


@dataclass(frozen=True, kw_only=True)
class Targets:
    """
    Targets of one image over L locations.

    ``labels``: class id, -1 background, -2 don't care; ``boxes``: L x 4 corners (pixels).
    """

    labels: Tensor
    boxes: Tensor


def assign(
    boxes: Tensor, classes: Tensor, ignore: Tensor, centres: Tensor, strides: Tensor
) -> Targets:
    """
    Assign objects to locations; where several claim one, the smallest wins.

    :param boxes: M x 4 corners in pixels; ``classes``: M ids; ``ignore``: M flags.
    :param centres: L x 2 pixels; ``strides``: L.
    """
    labels = torch.full((len(centres),), -1, dtype=torch.int64)
    targets = torch.zeros((len(centres), 4))
    if len(boxes) == 0:
        return Targets(labels=labels, boxes=targets)
    size = boxes[:, 2:] - boxes[:, :2]
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2
    longest = size.amax(dim=1)
    low, high = (torch.tensor([REACH[s][end] for s in STRIDES]) for end in (0, 1))
    level = torch.searchsorted(torch.tensor(STRIDES, dtype=torch.float32), strides)
    fits = (longest[None] >= low[level][:, None]) & (longest[None] < high[level][:, None])
    away = (centres[:, None] - middle[None]).abs()
    close = (away <= RADIUS * strides[:, None, None]).all(dim=2)
    inside = (away <= size[None] / 2).all(dim=2)
    nearest = (away <= 0.5 * strides[:, None, None]).all(dim=2)
    take = fits & ((close & inside) | nearest)
    unsure = ignore[None] & inside
    cost = torch.where(take & ~ignore[None], size.prod(dim=1)[None].expand_as(take), torch.inf)
    best, owner = cost.min(dim=1)
    labels[unsure.any(dim=1)] = -2
    won = best < torch.inf
    labels[won] = classes[owner[won]]
    targets[won] = boxes[owner[won]]
    return Targets(labels=labels, boxes=targets)
