# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""From a graph to pieces: where to cut, by arithmetic, by measurement or by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from onnx import numpy_helper

from restage.detector.errors import ModelError
from restage.onnx_backend.arithmetic import operations, shapes_of
from restage.onnx_backend.balance import balanced
from restage.onnx_backend.cuts import Cut, borders, candidates
from restage.onnx_backend.extract import Piece, cut
from restage.onnx_backend.graph import Line
from restage.onnx_backend.probe import probe

Array = NDArray[np.generic]


@dataclass(frozen=True)
class Graph:
    """A graph, one run of it on ``inputs``, where it can be cut, and its weights."""

    line: Line
    inputs: Mapping[str, Array]
    sample: Mapping[str, Array]
    cuts: tuple[Cut, ...]
    weights: Mapping[str, torch.Tensor]

    def costs(self) -> list[float]:
        """Return the operations before each cut, since the one before it, and behind the last."""
        shapes = shapes_of(self.sample, self.line.model)
        found, first = [], 0
        for end in [*(one.position + 1 for one in self.cuts), len(self.line.nodes)]:
            found.append(sum(operations(node, shapes) for node in self.line.nodes[first:end]))
            first = end
        return found

    def named(self, names: Sequence[str]) -> list[Cut]:
        """
        Return the cuts called ``names``.

        :raises ModelError: for a name that is none; says which are.
        """
        known = {one.name: one for one in self.cuts}
        for name in names:
            if name not in known:
                raise ModelError(
                    f"no cut behind '{name}'; accepted: {', '.join(known) or 'none, it has none'}"
                )
        return sorted((known[name] for name in names), key=lambda one: one.position)

    def pieces(self, cuts: Sequence[Cut]) -> list[Piece]:
        """Return the pieces between ``cuts``."""
        return cut(self.line, [one.position for one in cuts], self.sample)


def study(line: Line, inputs: Mapping[str, Array]) -> Graph:
    """
    Run ``line`` once on ``inputs`` and find out where it can be cut.

    :raises ModelError: when the graph does not run, or takes other inputs.
    """
    if set(inputs) != set(line.inputs):
        raise ModelError(f'the ONNX model has the inputs {", ".join(line.inputs)}; accepted: one')
    places = borders(line)
    made = {name for node in line.nodes for name in node.output if name}
    sample = probe(line, inputs, sorted(made))
    kept = {name: value for name, value in sample.items() if isinstance(value, np.ndarray)}
    places = {at: live for at, live in places.items() if set(live) <= set(kept)}
    weights = {
        item.name: torch.from_numpy(numpy_helper.to_array(item).copy())
        for item in line.model.graph.initializer
        if item.data_type in FLOATS and item.dims and all(item.dims)
    }
    return Graph(line, inputs, kept, tuple(candidates(places, kept)), weights)


# float32, float16, float64: of what ONNX Runtime and NumPy share memory of.
FLOATS = (1, 10, 11)


def by_arithmetic(graph: Graph, stages: int) -> list[Cut]:
    """Return cuts for about equal stages, the same on every machine."""
    return balanced(graph.cuts, graph.costs(), stages)
