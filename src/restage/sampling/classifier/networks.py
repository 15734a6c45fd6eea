# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Two small networks: one with residual blocks, one plain with a hidden linear layer."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional

from restage.detector.network import ConvUnit
from restage.stages.model import Stage, State

CLASSES = 10
WIDTHS = (12, 24, 48)


class Block(nn.Module):
    """Two 3 x 3 convolutions added to the input, then ReLU (He et al. 2016)."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        """Build the block; where the shape changes, the input goes through a convolution."""
        super().__init__()
        self.first = ConvUnit(inputs, outputs, 3, stride)
        self.second = ConvUnit(outputs, outputs)
        self.short: nn.Module = nn.Identity()
        if stride != 1 or inputs != outputs:
            self.short = nn.Conv2d(inputs, outputs, 1, stride)

    def add(self, x: Tensor, middle: Tensor) -> Tensor:
        """Return what the block makes of its input and of what its first half made of that."""
        second = self.second.norm(self.second.conv(middle))
        return functional.relu(second.add_(self.short(x)), inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        """Map N x inputs x H x W to N x outputs x H/stride x W/stride."""
        return self.add(x, self.first(x))


class ResNet(nn.Module):
    """A stem, two blocks at each of three widths, the mean over the picture, a linear layer."""

    def __init__(self) -> None:
        """Build an untrained network."""
        super().__init__()
        narrow, middle, wide = WIDTHS
        self.stem = ConvUnit(1, narrow)
        shapes = (
            (narrow, narrow, 1),
            (narrow, narrow, 1),
            (narrow, middle, 2),
            (middle, middle, 1),
            (middle, wide, 2),
            (wide, wide, 1),
        )
        self.blocks = nn.ModuleList([Block(*shape) for shape in shapes])
        self.out = nn.Linear(wide, CLASSES)

    def last(self, x: Tensor) -> Tensor:
        """Map the last features to logits."""
        logits: Tensor = self.out(x.mean(dim=(2, 3)))
        return logits

    def forward(self, x: Tensor) -> Tensor:
        """Map N x 1 x H x W to N x 10 logits."""
        x = self.stem(x)
        for block in self.blocks:
            x = block(x)
        return self.last(x)


class VGG(nn.Module):
    """Four convolutions with two poolings between them, then two linear layers."""

    def __init__(self) -> None:
        """Build an untrained network."""
        super().__init__()
        narrow, middle, wide = WIDTHS
        shapes = ((1, narrow), (narrow, middle), (middle, wide), (wide, wide))
        self.convs = nn.ModuleList([ConvUnit(*shape) for shape in shapes])
        self.hidden = nn.Linear(wide * 16, wide)
        self.out = nn.Linear(wide, CLASSES)

    def conv(self, position: int, x: Tensor) -> Tensor:
        """Run a convolution, and the pooling behind every second one."""
        x = self.convs[position](x)
        return functional.max_pool2d(x, 2) if position % 2 else x

    def dense(self, x: Tensor) -> Tensor:
        """Run the hidden linear layer."""
        return functional.relu(self.hidden(x.flatten(1)))

    def forward(self, x: Tensor) -> Tensor:
        """Map N x 1 x 16 x 16 to N x 10 logits."""
        for position in range(len(self.convs)):
            x = self.conv(position, x)
        logits: Tensor = self.out(self.dense(x))
        return logits


def stages_of(network: ResNet | VGG) -> tuple[Stage, ...]:
    """Return a stage for every convolution and every linear layer, from ``x`` to ``logits``."""
    return _resnet_stages(network) if isinstance(network, ResNet) else _vgg_stages(network)


def _resnet_stages(network: ResNet) -> tuple[Stage, ...]:
    names = list(dict(network.named_parameters()))
    stages = [_stage('stem', ('x',), 'f0', network.stem, names)]
    for number, block in enumerate(network.blocks):
        assert isinstance(block, Block)
        source, middle, target = f'f{number}', f'm{number}', f'f{number + 1}'
        prefix = f'blocks.{number}'
        stages.append(_stage(f'{prefix}.first', (source,), middle, block.first, names))
        stage = _stage(f'{prefix}.second', (source, middle), target, block.add, names)
        short = tuple(name for name in names if name.startswith(f'{prefix}.short.'))
        stages.append(
            Stage(
                name=stage.name,
                inputs=stage.inputs,
                outputs=stage.outputs,
                run=stage.run,
                weights=stage.weights + short,
            )
        )
    last = f'f{len(network.blocks)}'
    return (*stages, _stage('out', (last,), 'logits', network.last, names))


def _vgg_stages(network: VGG) -> tuple[Stage, ...]:
    names = list(dict(network.named_parameters()))
    stages, source = [], 'x'
    for position in range(len(network.convs)):

        def run(x: Tensor, position: int = position) -> Tensor:
            return network.conv(position, x)

        target = f'f{position}'
        stages.append(_stage(f'convs.{position}', (source,), target, run, names))
        source = target
    stages.append(_stage('hidden', (source,), 'h', network.dense, names))
    stages.append(_stage('out', ('h',), 'logits', network.out, names))
    return tuple(stages)


def _stage(
    name: str,
    inputs: tuple[str, ...],
    output: str,
    compute: Callable[..., Tensor],
    names: list[str],
) -> Stage:
    def run(state: Mapping[str, torch.Tensor]) -> State:
        return {output: compute(*(state[key] for key in inputs))}

    own = tuple(weight for weight in names if weight.startswith(f'{name}.'))
    return Stage(name=name, inputs=inputs, outputs=(output,), run=run, weights=own)
