# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Whether the pieces of a graph, run one after another, make what the whole makes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch

from restage.onnx_backend.cuts import Cut
from restage.onnx_backend.session import PieceSession
from restage.onnx_backend.split import Graph

Tensors = Mapping[str, torch.Tensor]


def run_pieces(graph: Graph, cuts: Sequence[Cut], inputs: Tensors, *, live: bool) -> Tensors:
    """Return what the pieces between ``cuts`` make of ``inputs``: the outputs of the graph."""
    state = dict(inputs)
    for piece in graph.pieces(cuts):
        session = PieceSession(piece, graph.weights, live=live)
        state.update(zip(piece.outputs, session.run(state), strict=True))
    return {name: state[name] for name in graph.line.outputs}


def differing(graph: Graph, cuts: Sequence[Cut], inputs: Tensors, *, live: bool) -> list[str]:
    """Return the outputs in which a single bit differs from those of the whole graph."""
    whole = run_pieces(graph, (), inputs, live=live)
    parts = run_pieces(graph, cuts, inputs, live=live)
    return [name for name, tensor in whole.items() if not _same(tensor, parts[name])]


def _same(one: torch.Tensor, other: torch.Tensor) -> bool:
    if one.shape != other.shape or one.dtype != other.dtype:
        return False
    pair = [tensor.contiguous().reshape(-1).view(torch.uint8) for tensor in (one, other)]
    return torch.equal(*pair)
