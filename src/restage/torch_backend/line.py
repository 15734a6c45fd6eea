# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A program as a line of nodes, and what is alive between any two of them."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import torch
from torch.export import ExportedProgram
from torch.fx import Node

from restage.cutting.network import alive
from restage.detector.errors import ModelError


@dataclass(frozen=True)
class Line:
    """
    The ``nodes`` that compute, in an order in which they can run.

    ``held``: tensors that the program holds (parameters, buffers, constants) by the name of the
    node that reads them, and ``called``: what they are called in the module.
    """

    nodes: tuple[Node, ...]
    picture: str
    outputs: tuple[str, ...]
    held: dict[str, torch.Tensor]
    called: dict[str, str]
    made: dict[str, int]
    used: dict[str, int]

    def live_after(self, position: int) -> tuple[str, ...]:
        """Return what is made up to ``position`` that later nodes or the caller read."""
        return alive(self.made, self.used, position)


def line_of(program: ExportedProgram) -> Line:
    """
    Return the nodes of ``program`` in a line, without any that writes into another's tensor.

    :raises ModelError: when it has other inputs than one picture, or changes what it holds.
    """
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        program = program.run_decompositions({})
    signature = program.graph_signature
    if signature.buffers_to_mutate or signature.user_inputs_to_mutate:
        changed = [*signature.buffers_to_mutate.values(), *signature.user_inputs_to_mutate.values()]
        raise ModelError(
            f'the program changes {", ".join(changed)}; accepted: one exported in eval mode'
        )
    names = {
        **signature.inputs_to_parameters,
        **signature.inputs_to_buffers,
        **signature.inputs_to_lifted_tensor_constants,
    }
    known = {**program.constants, **program.state_dict}
    held = {node: known[name] for node, name in names.items()}
    pictures = [name for name in signature.user_inputs if isinstance(name, str)]
    if len(pictures) != 1:
        raise ModelError(f'the program has the inputs {", ".join(pictures)}; accepted: one picture')
    outputs = tuple(name for name in signature.user_outputs if isinstance(name, str))
    nodes = tuple(node for node in program.graph.nodes if node.op == 'call_function')
    made = {pictures[0]: -1, **{node.name: at for at, node in enumerate(nodes)}}
    used: dict[str, int] = {}
    for position, node in enumerate(nodes):
        for source in node.all_input_nodes:
            if source.name in made:
                used[source.name] = position
    for name in outputs:
        if made.get(name, -1) < 0:
            raise ModelError(f"output '{name}' of the program does not depend on its input")
        used[name] = len(nodes)
    return Line(nodes, pictures[0], outputs, held, names, made, used)


def is_weight(tensor: torch.Tensor) -> bool:
    """Return whether a tensor that a program holds is one that it computes with."""
    return tensor.is_floating_point() and tensor.numel() > 0
