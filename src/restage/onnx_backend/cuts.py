# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Where a graph can be cut: between which nodes little is handed over."""

from __future__ import annotations

from restage.cutting.network import MOST_TENSORS
from restage.onnx_backend.graph import Line

# What ONNX Runtime computes in one step with what follows it; cut apart, it may round otherwise.
MERGED = frozenset({'Conv', 'ConvTranspose', 'Gemm', 'MatMul', 'BatchNormalization'})


def borders(line: Line) -> dict[int, tuple[str, ...]]:
    """
    Return the places where a cut may be, with the tensors that are alive there.

    None where many are, where the next node is merged with this one, or where the input is still
    needed: a stage would have to be handed it.
    """
    found = {}
    for position, node in enumerate(line.nodes[:-1]):
        live = line.live_after(position)
        if not 0 < len(live) <= MOST_TENSORS or any(line.made[name] < 0 for name in live):
            continue
        # The newest of them is what this node made; else the place before is the same one.
        if not set(live) & set(node.output) or node.op_type in MERGED:
            continue
        found[position] = live
    return found
