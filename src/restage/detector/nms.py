# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Greedy non-maximum suppression, deterministic, per class."""

from __future__ import annotations

import torch
from torch import Tensor

from restage.detector.boxes import overlap_matrix


def suppress(boxes: Tensor, classes: Tensor, threshold: float) -> tuple[Tensor, Tensor]:
    """
    Return the indices (int64) of boxes that survive, in their given order, and their support.

    The support (int64) of a box is how many of all boxes overlap it like that, itself included.

    :param boxes: N x 4 corners in pixels, best score first.
    :param classes: N class ids; boxes of different classes never suppress each other.
    :param threshold: overlap (IoU) above which the later box goes.
    """
    count = len(boxes)
    if count == 0:
        return torch.zeros(0, dtype=torch.int64), torch.zeros(0, dtype=torch.int64)
    clash = (overlap_matrix(boxes, boxes) > threshold) & (classes[:, None] == classes[None])
    table = clash.numpy()
    alive = [True] * count
    for index in range(count):
        if alive[index]:
            for other in table[index, index + 1 :].nonzero()[0].tolist():
                alive[index + 1 + other] = False
    kept = [index for index in range(count) if alive[index]]
    # A box without area overlaps not even itself.
    support = [max(1, int(table[index].sum())) for index in kept]
    return torch.tensor(kept, dtype=torch.int64), torch.tensor(support, dtype=torch.int64)
