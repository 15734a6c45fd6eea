# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Objects as points.

Source: Zhou et al., "Objects as Points" (CenterNet, 2019).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch.nn.functional import max_pool2d

from restage.models.decoders.shapes import cells, corners, expect


class Centre:
    """
    Three outputs of one grid: heat map (1 x classes x H x W, 0 to 1), size, offset (1 x 2 x H x W).

    The latter in cells. Only a cell with the highest value of its neighbourhood is an object.
    """

    def __init__(self, size: tuple[int, int], window: int = 3) -> None:
        """``size``: of the input; ``window``: of the neighbourhood, odd."""
        if window < 1 or window % 2 == 0:
            raise ValueError(f'options: window {window}; accepted: odd, at least 1')
        self._size = size
        self._window = window

    def __call__(self, outputs: Sequence[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
        """Return boxes (H W x 4) and scores (H W x classes)."""
        heat = expect(outputs[0], (1, None, None, None), 'the heat map')
        _, classes, height, width = heat.shape
        sizes = expect(outputs[1], (1, 2, height, width), 'the size')
        offsets = expect(outputs[2], (1, 2, height, width), 'the offset')
        around = max_pool2d(heat, self._window, stride=1, padding=self._window // 2)
        peaks = torch.where(heat == around, heat, torch.zeros(()))
        centre = cells(height, width) + offsets[0].reshape(2, -1).T
        boxes = torch.cat([centre, sizes[0].reshape(2, -1).T], dim=1)
        across, down = self._size[0] / width, self._size[1] / height
        factor = torch.tensor([across, down, across, down])
        return corners(boxes) * factor, peaks[0].reshape(classes, -1).T
