# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""An ONNX graph as a line of nodes, and what is alive between any two of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import onnx

from restage.cutting.network import alive
from restage.detector.errors import ModelError, first_line


@dataclass(frozen=True)
class Line:
    """
    The nodes of ``model`` in an order in which they can run; position -1 lies before the first.

    ``inputs``: of the graph, without its initializers. Nodes that depend on no input (constants)
    are not in ``nodes``: whoever needs one takes it along.
    """

    model: onnx.ModelProto
    nodes: tuple[onnx.NodeProto, ...]
    constants: tuple[onnx.NodeProto, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    made: dict[str, int] = field(default_factory=dict)
    used: dict[str, int] = field(default_factory=dict)

    def live_after(self, position: int) -> tuple[str, ...]:
        """Return the tensors made up to ``position`` that later nodes or the caller read."""
        return alive(self.made, self.used, position)


def load_line(path: Path) -> Line:
    """
    Read the graph in the file at ``path``.

    :raises ModelError: when there is none, or none that this reads; says what is accepted.
    """
    try:
        model = onnx.load(str(path))
        onnx.checker.check_model(model)
    except FileNotFoundError:
        raise ModelError(f"'{path}' does not exist; accepted: an ONNX file") from None
    except Exception as error:  # protobuf's errors, the checker's, and of bad bytes many others
        raise ModelError(f"'{path}' is no valid ONNX model: {first_line(error)}") from None
    return line_of(model)


def line_of(model: onnx.ModelProto) -> Line:
    """
    Return the nodes of ``model`` in a line.

    :raises ModelError: when an output does not come from a node.
    """
    graph = model.graph
    known = {item.name for item in graph.initializer}
    known |= {item.values.name for item in graph.sparse_initializer}
    inputs = tuple(item.name for item in graph.input if item.name not in known)
    constant = set(known)
    nodes, constants = [], []
    for node in graph.node:  # the standard wants them in topological order; the checker looks
        if all(name in constant for name in read_by(node)):
            constants.append(node)
            constant.update(node.output)
        else:
            nodes.append(node)
    made = dict.fromkeys(inputs, -1)
    used: dict[str, int] = {}
    for position, node in enumerate(nodes):
        for name in read_by(node):
            if name not in constant:
                used[name] = position
        made.update((name, position) for name in node.output if name)
    outputs = tuple(item.name for item in graph.output)
    for name in outputs:
        if name not in made or made[name] < 0:
            raise ModelError(f"output '{name}' of the ONNX graph does not depend on its input")
        used[name] = len(nodes)
    return Line(model, tuple(nodes), tuple(constants), inputs, outputs, made, used)


def read_by(node: onnx.NodeProto) -> Iterator[str]:
    """Give the names that a node reads, those that its own subgraphs capture among them."""
    yield from (name for name in node.input if name)
    for attribute in node.attribute:
        graphs = [attribute.g] if attribute.HasField('g') else list(attribute.graphs)
        for graph in graphs:
            own = {item.name for item in (*graph.input, *graph.initializer)}
            own.update(name for inner in graph.node for name in inner.output)
            outside = [name for inner in graph.node for name in read_by(inner)]
            outside += [item.name for item in graph.output]
            yield from (name for name in outside if name not in own)
