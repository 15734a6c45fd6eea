# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A PyTorch program as a network that can be cut."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import torch
import xxhash
from torch.export import ExportedProgram
from torch.export.passes import move_to_device_pass
from torch.fx import Node

from restage.accelerator.choice import CPU
from restage.checkpoint.tensors import describe
from restage.cutting.network import LEAST, MOST_TENSORS, Cut, Network, Part
from restage.torch_backend.execute import execute, gradients
from restage.torch_backend.line import Line, is_weight, line_of
from restage.torch_backend.part import TorchPart

# Of these, each value that is made takes as many operations as a filter or row has weights.
FILTERS = ('convolution', 'linear', 'addmm', 'mm', 'bmm', 'matmul', 'conv2d')


class TorchNetwork(Network):
    """A program, run by PyTorch node by node; its weights are those of the module."""

    def __init__(
        self, program: ExportedProgram, picture: torch.Tensor, device: torch.device = CPU
    ) -> None:
        """
        Run it once on ``picture``, on ``device``, and find out where it can be cut.

        :raises ModelError: when it does not run, or is none that can be.
        """
        self.device = device
        if device != CPU:
            # Also what the graph itself says of the devices of tensors that it makes.
            program = move_to_device_pass(program, device)
        self.line = line_of(program)
        self.picture, self.outputs = self.line.picture, self.line.outputs
        self.weights = {
            self.line.called[node]: tensor
            for node, tensor in self.line.held.items()
            if is_weight(tensor)
        }
        with torch.no_grad():
            made = execute(self.line, picture.to(device), self.line.held)
        self._shapes = {name: tuple(t.shape) for name, t in made.items() if _is_tensor(t)}
        self.cuts = tuple(_cuts(self.line, made))
        kept = {self.picture, *self.outputs, *(name for one in self.cuts for name in one.tensors)}
        self.sample = {name: made[name].cpu() for name in kept}

    def operations(self) -> list[float]:
        """Return about how many operations each node takes."""
        return [self._operations(node) for node in self.line.nodes]

    def gradients(self, pictures: Sequence[torch.Tensor]) -> dict[str, torch.Tensor]:
        """
        Return the gradient of the outputs, summed over them and ``pictures``, by each weight.

        :raises ModelError: when nothing can be differentiated.
        """
        slopes = gradients(self.line, [picture.to(self.device) for picture in pictures])
        return {self.line.called[node]: slope for node, slope in slopes.items()}

    def parts(self, cuts: Sequence[Cut]) -> list[Part]:
        """Return what lies between ``cuts``; without any, the whole."""
        positions = [one.position for one in cuts]
        ends = [*positions, len(self.line.nodes) - 1]
        return [
            TorchPart(self.line, first, last, self.device)
            for first, last in zip([-1, *positions], ends, strict=True)
        ]

    def fingerprint(self) -> str:
        """Return what tells it from others, beside its weights."""
        words = [f'{node.name}={node.target}{node.args}{node.kwargs}' for node in self.line.nodes]
        return xxhash.xxh3_64_hexdigest('\n'.join(words).encode())

    def _operations(self, node: Node) -> float:
        made = float(prod(self._shapes.get(node.name, (1,))))
        if any(str(node.target).startswith(f'aten.{name}.') for name in FILTERS):
            sources = [self.line.held.get(source.name) for source in node.all_input_nodes]
            each = [prod(tensor.shape[1:]) for tensor in sources if tensor is not None]
            return LEAST + made * max([1, *each])
        return LEAST + made


def _is_tensor(value: Any) -> bool:
    return isinstance(value, torch.Tensor)


def _cuts(line: Line, made: dict[str, Any]) -> list[Cut]:
    found = []
    for position, node in enumerate(line.nodes[:-1]):
        live = line.live_after(position)
        if not 0 < len(live) <= MOST_TENSORS or node.name not in live:
            continue
        if any(line.made[name] < 0 or not _can_be_kept(made[name]) for name in live):
            continue
        found.append(Cut(position, live, sum(made[name].nbytes for name in live)))
    return found


def _can_be_kept(value: Any) -> bool:
    """Return whether a checkpoint can hold it: a tensor whose elements lie without gaps."""
    if not _is_tensor(value):
        return False
    try:
        describe(value)
    except ValueError:
        return False
    return True
