# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""RoadNet: a small anchor-free detector made of plain convolutions (FCOS, Tian et al. 2019)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

INPUT_SIZE = (640, 384)  # width, height
STRIDES = (8, 16, 32)
CLASS_COUNT = 5
STEM, LOW, MID, DEEP, NECK = 32, 32, 64, 128, 32


class ConvUnit(nn.Module):
    """Convolution, batch normalisation (until folded), ReLU, a bound where there is one."""

    def __init__(
        self, inputs: int, outputs: int, size: int = 3, stride: int = 1, padding: int | None = None
    ) -> None:
        """Build a ``size`` x ``size`` convolution; ``padding`` defaults to half the size."""
        super().__init__()
        pad = size // 2 if padding is None else padding
        self.conv = nn.Conv2d(inputs, outputs, size, stride, pad)
        self.norm: nn.Module = nn.BatchNorm2d(outputs)
        self.bound: nn.Module = nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """Map N x inputs x H x W to N x outputs x H/stride x W/stride."""
        made: Tensor = self.bound(functional.relu(self.norm(self.conv(x)), inplace=True))
        return made


class Residual(nn.Module):
    """Two 3 x 3 units around a narrow middle, added to the input (He et al. 2016)."""

    def __init__(self, channels: int, middle: int) -> None:
        """Build the block; ``middle`` is the inner channel count."""
        super().__init__()
        self.first = ConvUnit(channels, middle)
        self.second = ConvUnit(middle, channels)

    def forward(self, x: Tensor) -> Tensor:
        """Keep the shape."""
        return torch.add(x, self.second(self.first(x)))


class Neck(nn.Module):
    """Top-down feature pyramid (Lin et al. 2017) over strides 8, 16, 32."""

    def __init__(self) -> None:
        """Build lateral 1 x 1 and smoothing 3 x 3 convolutions."""
        super().__init__()
        self.low = ConvUnit(LOW, NECK, 1)
        self.mid = ConvUnit(MID, NECK, 1)
        self.deep = ConvUnit(DEEP, NECK, 1)
        self.smooth_mid = ConvUnit(NECK, NECK)
        self.smooth_low = ConvUnit(NECK, NECK)

    def forward(self, low: Tensor, mid: Tensor, deep: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Fuse features of strides 8, 16, 32; all outputs have ``NECK`` channels."""
        top = self.deep(deep)
        middle = self.smooth_mid(self.mid(mid) + functional.interpolate(top, scale_factor=2.0))
        bottom = self.low(low) + functional.interpolate(middle, scale_factor=2.0)
        return self.smooth_low(bottom), middle, top


class Head(nn.Module):
    """One tower shared by all levels; 5 class logits and 4 box numbers per location."""

    def __init__(self) -> None:
        """Build the tower and the output convolution, biased to a low initial score."""
        super().__init__()
        self.tower = ConvUnit(NECK, NECK)
        self.out = nn.Conv2d(NECK, CLASS_COUNT + 4, 1)
        nn.init.normal_(self.out.weight, std=0.01)
        start = torch.zeros(CLASS_COUNT + 4)
        start[:CLASS_COUNT] = -4.6  # a prior of 1 % (Lin et al. 2017)
        self.out.bias = nn.Parameter(start)
        self.bound: nn.Module = nn.Identity()

    def forward(self, *levels: Tensor) -> tuple[Tensor, ...]:
        """Map each level to N x (CLASS_COUNT + 4) x H x W."""
        return tuple(self.bound(self.out(self.tower(level))) for level in levels)


class RoadNet(nn.Module):
    """Backbone of four stages (strides 4, 8, 16, 32), neck and head."""

    def __init__(self) -> None:
        """Build an untrained network."""
        super().__init__()
        self.backbone = nn.ModuleList(
            [
                ConvUnit(3, STEM, 6, 4, 1),
                nn.Sequential(ConvUnit(STEM, LOW, 3, 2), ConvUnit(LOW, LOW)),
                nn.Sequential(ConvUnit(LOW, MID, 3, 2), Residual(MID, MID)),
                nn.Sequential(ConvUnit(MID, DEEP, 3, 2), Residual(DEEP, DEEP // 2)),
            ]
        )
        self.neck = Neck()
        self.head = Head()

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """Map N x 3 x H x W (BGR, 0 to 1) to three level outputs; H and W divide by 32."""
        stem = self.backbone[0](x)
        low = self.backbone[1](stem)
        mid = self.backbone[2](low)
        deep = self.backbone[3](mid)
        levels: tuple[Tensor, ...] = self.head(*self.neck(low, mid, deep))
        return levels
