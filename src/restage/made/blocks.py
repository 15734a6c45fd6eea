# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What the networks are built of: convolutions whose batch normalisation is folded into them."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

EXPANSION = 4


def convolution(inputs: int, outputs: int, size: int, stride: int = 1) -> nn.Conv2d:
    """Return a convolution with a bias that keeps height and width, or divides them."""
    return nn.Conv2d(inputs, outputs, size, stride=stride, padding=size // 2)


class Bottleneck(nn.Module):
    """
    1 x 1, 3 x 3, 1 x 1 convolution beside a shortcut.

    Source: He et al., Deep Residual Learning for Image Recognition, 2015, figure 5; the stride in
    the middle one, as torchvision has it.
    """

    def __init__(self, inputs: int, width: int, stride: int) -> None:
        """Make ``EXPANSION * width`` channels of ``inputs``."""
        super().__init__()
        outputs = EXPANSION * width
        self.first = convolution(inputs, width, 1)
        self.middle = convolution(width, width, 3, stride)
        self.last = convolution(width, outputs, 1)
        same = inputs == outputs and stride == 1
        self.shortcut = nn.Identity() if same else convolution(inputs, outputs, 1, stride)

    def forward(self, x: Tensor) -> Tensor:
        """Map N x inputs x H x W."""
        y = functional.relu(self.first(x))
        y = functional.relu(self.middle(y))
        return functional.relu(self.last(y) + self.shortcut(x))


class Tower(nn.Module):
    """A head: 3 x 3 convolutions, then one that makes ``outputs`` channels."""

    def __init__(self, width: int, depth: int, outputs: int) -> None:
        """Have ``depth`` of the former, all of ``width`` channels."""
        super().__init__()
        self.steps = nn.ModuleList(convolution(width, width, 3) for _ in range(depth))
        self.out = convolution(width, outputs, 3)

    def forward(self, x: Tensor) -> Tensor:
        """Return N x (H W) x outputs."""
        for step in self.steps:
            x = functional.relu(step(x))
        made: Tensor = self.out(x)
        return made.flatten(2).transpose(1, 2)
