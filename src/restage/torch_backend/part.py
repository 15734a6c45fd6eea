# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A part of a program as a module of its own."""

from __future__ import annotations

import torch
from torch.fx import Graph, GraphModule, Node

from restage.accelerator.choice import CPU
from restage.accelerator.placement import on
from restage.cutting.network import Part, Tensors
from restage.torch_backend.line import Line, is_weight


class TorchPart(Part):
    """The nodes after position ``first`` up to ``last``; computes with the tensors of ``line``."""

    def __init__(self, line: Line, first: int, last: int, device: torch.device = CPU) -> None:
        """Build its graph; ``device``: where those tensors are."""
        nodes = line.nodes[first + 1 : last + 1]
        reads = {source.name for node in nodes for source in node.all_input_nodes}
        self.inputs = tuple(name for name in line.live_after(first) if name in reads)
        live = line.live_after(last) if last < len(line.nodes) - 1 else line.outputs
        self.outputs = tuple(name for name in live if line.made[name] > first)
        holder, graph, seen = torch.nn.Module(), Graph(), {}
        for name in self.inputs:
            seen[name] = graph.placeholder(name.replace('.', '_'))
        held = [name for name in line.held if name in reads]
        for number, name in enumerate(held):
            attribute = f'held_{number}'
            tensor = line.held[name]
            if isinstance(tensor, torch.nn.Parameter):
                holder.register_parameter(attribute, tensor)
            else:
                holder.register_buffer(attribute, tensor)
            seen[name] = graph.get_attr(attribute)
        for node in nodes:
            seen[node.name] = graph.node_copy(node, _look_up(seen))
        graph.output(tuple(seen[name] for name in self.outputs))
        self.weights = tuple(line.called[name] for name in held if is_weight(line.held[name]))
        self._call = on(device, GraphModule(holder, graph))

    def run(self, inputs: Tensors) -> tuple[torch.Tensor, ...]:
        """Return the outputs."""
        with torch.inference_mode():
            made: tuple[torch.Tensor, ...] = self._call(*(inputs[name] for name in self.inputs))
        return made


def _look_up(seen: dict[str, Node]):  # type: ignore[no-untyped-def]
    return lambda node: seen[node.name]
