# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""FastestDet: one grid, one object a cell.

Source: https://github.com/dog-qiuqiu/FastestDet, example/onnx-runtime/runtime.py.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from restage.models.decoders.shapes import cells, corners, expect


class FastestDet:
    """One output, 1 x (5 + classes) x H x W: objectness, x, y, width, height, class scores."""

    def __init__(self, size: tuple[int, int]) -> None:
        """``size``: of the input."""
        self._size = torch.tensor([*size, *size], dtype=torch.float32)
        self._cells = torch.zeros(0, 2)

    def __call__(self, outputs: Sequence[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
        """Return boxes (M x 4) and scores (M x classes)."""
        (grid,) = outputs
        expect(grid, (1, None, None, None), 'the output')
        _, channels, height, width = grid.shape
        if len(self._cells) != height * width:
            self._cells = cells(height, width)
        rows = grid[0].reshape(channels, -1).T
        # A weighted geometric mean; powers of what rounding made negative would be NaN.
        objectness, classes = rows[:, :1].clamp(min=0.0), rows[:, 5:].clamp(min=0.0)
        scores = objectness**0.6 * classes**0.4
        centre = (self._cells + rows[:, 1:3].tanh()) / torch.tensor([width, height])
        boxes = torch.cat([centre, rows[:, 3:5].sigmoid()], dim=1) * self._size
        return corners(boxes), scores
