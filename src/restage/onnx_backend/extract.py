# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A piece of a graph as a model of its own."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper

from restage.onnx_backend.graph import Line, read_by

Values = Mapping[str, NDArray[np.generic]]


@dataclass(frozen=True)
class Piece:
    """The nodes after position ``first`` up to ``last``, as a model with its own ends."""

    model: onnx.ModelProto
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    weights: tuple[str, ...]


def cut(
    line: Line, positions: Sequence[int], sample: Values, *, fixed: bool = False
) -> list[Piece]:
    """
    Return the pieces between ``positions`` (ascending), the last one up to the end.

    :param sample: every tensor at a cut, as one run of the model made it: its type and rank.
    :param fixed: whether they have the sizes of the sample too, and no others.
    """
    ends = [*positions, len(line.nodes) - 1]
    return [
        _piece(line, first, last, sample, fixed)
        for first, last in zip([-1, *positions], ends, strict=True)
    ]


def _piece(line: Line, first: int, last: int, sample: Values, fixed: bool) -> Piece:
    nodes = line.nodes[first + 1 : last + 1]
    reads = {name for node in nodes for name in read_by(node)}
    inputs = tuple(name for name in line.live_after(first) if name in reads)
    live = line.live_after(last) if last < len(line.nodes) - 1 else line.outputs
    outputs = tuple(name for name in live if line.made[name] > first)
    constants = _needed(line.constants, reads)
    reads.update(name for node in constants for name in read_by(node))
    graph = line.model.graph
    weights = [item for item in graph.initializer if item.name in reads]
    piece = helper.make_graph(
        [*constants, *nodes],
        f'{graph.name or "graph"}_{first + 1}_{last}',
        [_described(line, name, sample, fixed) for name in inputs],
        [_described(line, name, sample, fixed) for name in outputs],
        weights,
        sparse_initializer=[i for i in graph.sparse_initializer if i.values.name in reads],
    )
    model = helper.make_model(
        piece,
        opset_imports=line.model.opset_import,
        ir_version=line.model.ir_version,
        functions=list(line.model.functions),
    )
    return Piece(model, inputs, outputs, tuple(item.name for item in weights))


def _needed(constants: Sequence[onnx.NodeProto], reads: Collection[str]) -> list[onnx.NodeProto]:
    wanted, found = set(reads), []
    for node in reversed(constants):
        if wanted & set(node.output):
            found.append(node)
            wanted.update(read_by(node))
    return found[::-1]


def _described(line: Line, name: str, sample: Values, fixed: bool) -> onnx.ValueInfoProto:
    """Return type and shape of a tensor: as the graph says at its ends, else as measured."""
    for item in (*line.model.graph.input, *line.model.graph.output):
        if item.name == name and not fixed:
            known: onnx.ValueInfoProto = item
            return known
    value = sample[name]
    # Sizes are left open: of a graph with dynamic axes they may be others next time.
    open_sizes = [f'd{number}' for number in range(value.ndim)]
    sizes = list(value.shape) if fixed else open_sizes
    kind = helper.np_dtype_to_tensor_dtype(value.dtype)
    described: onnx.ValueInfoProto = helper.make_tensor_value_info(name, kind, sizes)
    return described
