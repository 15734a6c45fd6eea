# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The YOLO family.

Source: the export formats of https://github.com/ultralytics/yolov5 and ultralytics (v8), and
https://github.com/Megvii-BaseDetection/YOLOX, demo/ONNXRuntime.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from restage.models.decoders.shapes import cells, corners, expect


class YoloV5:
    """One output, 1 x N x (5 + classes): x, y, width, height in pixels, objectness, classes."""

    def __init__(self, size: tuple[int, int]) -> None:
        """``size``: of the input."""

    def __call__(self, outputs: Sequence[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
        """Return boxes (N x 4) and scores (N x classes)."""
        (output,) = outputs
        rows = expect(output, (1, None, None), 'the output')[0]
        return corners(rows[:, :4]), rows[:, 5:] * rows[:, 4:5]


class YoloV8:
    """One output, 1 x (4 + classes) x N: x, y, width, height in pixels, classes."""

    def __init__(self, size: tuple[int, int]) -> None:
        """``size``: of the input."""

    def __call__(self, outputs: Sequence[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
        """Return boxes (N x 4) and scores (N x classes)."""
        (output,) = outputs
        rows = expect(output, (1, None, None), 'the output')[0].T
        return corners(rows[:, :4]), rows[:, 4:]


class YoloX:
    """
    One output, 1 x N x (5 + classes), offsets to the cells of one grid for each stride.

    Centre (cell + x, y) times stride; size e^(width, height) times stride.
    """

    def __init__(self, size: tuple[int, int], strides: Sequence[int] = (8, 16, 32)) -> None:
        """``size``: of the input."""
        grids = [(cells(size[1] // each, size[0] // each), each) for each in strides]
        self._cells = torch.cat([grid for grid, _ in grids])
        self._strides = torch.cat([torch.full((len(grid), 1), float(each)) for grid, each in grids])

    def __call__(self, outputs: Sequence[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
        """Return boxes (N x 4) and scores (N x classes)."""
        (output,) = outputs
        rows = expect(output, (1, len(self._cells), None), 'the output')[0]
        centre = (rows[:, :2] + self._cells) * self._strides
        boxes = torch.cat([centre, rows[:, 2:4].exp() * self._strides], dim=1)
        return corners(boxes), rows[:, 5:] * rows[:, 4:5]
