# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A one-stage detector on a residual network with a feature pyramid, of any width and depth."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from restage.made.blocks import EXPANSION, Bottleneck, Tower, convolution

STRIDES = (8, 16, 32)
CLASSES = 80
# What a block adds to its shortcut, of what it would with weights drawn for it alone: else the
# values double with every block.
ADDED = 0.3
SIZES = 0.1


@dataclass(frozen=True, kw_only=True)
class Shape:
    """
    ``blocks``: in each of the four stages of the residual network. ``width``: of the first.

    ``pyramid``: channels of the feature pyramid and the heads; ``depth``: convolutions of a head.
    """

    blocks: tuple[int, int, int, int]
    width: int
    pyramid: int
    depth: int


RESNET50_FPN = Shape(blocks=(3, 4, 6, 3), width=64, pyramid=256, depth=4)


class PyramidDetector(nn.Module):
    """
    ResNet (He et al., 2015), feature pyramid of strides 8 to 32 (Lin et al., 2017), two heads.

    Heads as in RetinaNet (Lin et al., 2017), without anchors: the output is that of the decoder
    ``yolox``. The weights are random, but always the same.
    """

    def __init__(self, shape: Shape, seed: int = 1) -> None:
        """Draw the weights by ``seed``."""
        super().__init__()
        self.stem = convolution(3, shape.width, 7, 2)
        self.pool = nn.MaxPool2d(3, 2, 1)
        self.stages = nn.ModuleList()
        inputs, widths = shape.width, [shape.width << number for number in range(4)]
        for number, (count, width) in enumerate(zip(shape.blocks, widths, strict=True)):
            blocks = nn.Sequential()
            for block in range(count):
                blocks.append(Bottleneck(inputs, width, 2 if number and not block else 1))
                inputs = EXPANSION * width
            self.stages.append(blocks)
        sides = [EXPANSION * width for width in widths[1:]]
        self.lateral = nn.ModuleList(convolution(side, shape.pyramid, 1) for side in sides)
        self.smooth = nn.ModuleList(convolution(shape.pyramid, shape.pyramid, 3) for _ in sides)
        self.classes = Tower(shape.pyramid, shape.depth, CLASSES)
        self.boxes = Tower(shape.pyramid, shape.depth, 5)
        self._draw(seed)

    def forward(self, x: Tensor) -> Tensor:
        """
        Return 1 x cells x (5 + classes) of a picture, 1 x 3 x H x W.

        Offsets to the cell, logarithms of width and height in strides, objectness and classes.
        """
        x = self.pool(functional.relu(self.stem(x)))
        sides = []
        for stage in self.stages:
            x = stage(x)
            sides.append(x)
        levels: list[Tensor] = []
        for side, lateral in zip(sides[:0:-1], reversed(self.lateral), strict=True):
            level = lateral(side)
            if levels:
                level = level + functional.interpolate(levels[-1], level.shape[2:], mode='nearest')
            levels.append(level)
        rows = []
        for level, smooth in zip(reversed(levels), self.smooth, strict=True):
            here = smooth(level)
            boxes, classes = self.boxes(here), self.classes(here)
            sure = torch.sigmoid(torch.cat([boxes[..., 4:], classes], dim=2))
            rows.append(torch.cat([boxes[..., :4], sure], dim=2))
        return torch.cat(rows, dim=1)

    @torch.no_grad()
    def _draw(self, seed: int) -> None:
        generator = torch.Generator().manual_seed(seed)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, nonlinearity='relu', generator=generator)
                nn.init.zeros_(module.bias)  # type: ignore[arg-type]
        for module in self.modules():
            if isinstance(module, Bottleneck):
                module.last.weight.mul_(ADDED)
        # Boxes about as large as a cell.
        self.boxes.out.weight[:4].mul_(SIZES)
