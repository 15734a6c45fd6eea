# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A detector of torchvision as a network that can be cut, between any two of its steps."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
import xxhash
from torch import nn

from restage.accelerator.choice import CPU
from restage.accelerator.placement import on
from restage.cutting.network import Cut, Network, Part, Tensors, alive
from restage.detector.errors import ModelError, first_line
from restage.torchvision_backend.api import load_torchvision
from restage.torchvision_backend.detectors import OUTPUTS, lay_out
from restage.torchvision_backend.steps import PICTURE, Step, Steps


class TorchvisionNetwork(Network):
    """``model``, in evaluation; its weights are those of the module."""

    def __init__(self, model: nn.Module, picture: torch.Tensor, device: torch.device = CPU) -> None:
        """
        Do each step once on ``picture`` (1 x 3 x H x W, RGB, 0 to 1), on ``device``.

        :raises ModelError: when torchvision is missing, or the model is none that is known.
        """
        torchvision = load_torchvision()
        self.device, self.picture, self.outputs = device, PICTURE, OUTPUTS
        self._described = f'{model}'
        model = model.eval().to(device)
        made = Steps(picture.to(device))
        try:
            lay_out(made, torchvision, model)
        except RuntimeError as error:
            raise ModelError(f'the model does not run: {first_line(error)}') from None
        self.steps = made.steps
        named = {**dict(model.named_parameters()), **dict(model.named_buffers())}
        self.weights = {
            name: tensor
            for name, tensor in named.items()
            if tensor.is_floating_point() and tensor.numel()
        }
        self._names = {id(tensor): name for name, tensor in self.weights.items()}
        self._made = {PICTURE: -1}
        used: dict[str, int] = {}
        for position, step in enumerate(self.steps):
            self._made.update(dict.fromkeys(step.outputs, position))
            used.update(dict.fromkeys(step.inputs, position))
        self._used = used | dict.fromkeys(OUTPUTS, len(self.steps))
        self.sample = {name: tensor.cpu() for name, tensor in made.values.items()}
        self.cuts = tuple(self._cut(position) for position in range(len(self.steps) - 1))

    def operations(self) -> list[float]:
        """Return about how many operations each step takes."""
        return [step.operations for step in self.steps]

    def parts(self, cuts: Sequence[Cut]) -> list[Part]:
        """Return what lies between ``cuts``; without any, the whole."""
        ends = [-1, *(one.position for one in cuts), len(self.steps) - 1]
        return [self._part(first, last) for first, last in pairwise(ends)]

    def fingerprint(self) -> str:
        """Return what tells it from others, beside its weights."""
        return xxhash.xxh3_64_hexdigest(self._described.encode())

    def _live(self, position: int) -> tuple[str, ...]:
        return alive(self._made, self._used, position)

    def _cut(self, position: int) -> Cut:
        live = self._live(position)
        return Cut(position, live, sum(self.sample[name].nbytes for name in live))

    def _part(self, first: int, last: int) -> Part:
        steps = self.steps[first + 1 : last + 1]
        reads = {name for step in steps for name in step.inputs}
        tensors = [
            tensor
            for step in steps
            for module in step.modules
            for tensor in (*module.parameters(), *module.buffers())
        ]
        weights = dict.fromkeys(self._names[id(one)] for one in tensors if id(one) in self._names)
        return StepsPart(
            steps,
            inputs=tuple(name for name in self._live(first) if name in reads),
            outputs=tuple(name for name in self._live(last) if self._made[name] > first),
            weights=tuple(weights),
            device=self.device,
        )


class StepsPart(Part):
    """Some steps, one after the other."""

    def __init__(
        self,
        steps: Sequence[Step],
        *,
        inputs: tuple[str, ...],
        outputs: tuple[str, ...],
        weights: tuple[str, ...],
        device: torch.device,
    ) -> None:
        """Do ``steps`` on ``device``."""
        self.inputs, self.outputs, self.weights = inputs, outputs, weights
        self._steps = tuple(steps)
        self._call = on(device, self._run)

    def run(self, inputs: Tensors) -> tuple[torch.Tensor, ...]:
        """Return the outputs."""
        with torch.inference_mode():
            return self._call(*(inputs[name] for name in self.inputs))

    def _run(self, *tensors: torch.Tensor) -> tuple[torch.Tensor, ...]:
        values = dict(zip(self.inputs, tensors, strict=True))
        for step in self._steps:
            made = step.call(*(values[name] for name in step.inputs))
            values.update(zip(step.outputs, made, strict=True))
        return tuple(values[name] for name in self.outputs)
