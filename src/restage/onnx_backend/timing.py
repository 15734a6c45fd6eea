# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""How long the parts of a graph take on this machine."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter_ns

import numpy as np
import torch

from restage.onnx_backend.balance import balanced
from restage.onnx_backend.cuts import Cut
from restage.onnx_backend.session import PieceSession
from restage.onnx_backend.split import Graph

# Parts that are timed at most: every border between two is a copy that the whole does not make.
FINE = 24
RUNS = 9


def by_measurement(graph: Graph, stages: int, *, live: bool) -> list[Cut]:
    """Return cuts for stages that take about equally long here."""
    fine = graph.cuts
    if len(fine) >= FINE:
        fine = tuple(balanced(fine, graph.costs(), FINE))
    return balanced(fine, piece_times(graph, fine, live=live), stages)


def piece_times(graph: Graph, cuts: Sequence[Cut], *, live: bool, runs: int = RUNS) -> list[float]:
    """Return the median time of each piece between ``cuts``, ms."""
    sessions = [PieceSession(piece, graph.weights, live=live) for piece in graph.pieces(cuts)]
    spent: list[list[float]] = [[] for _ in sessions]
    for _ in range(runs + 2):
        state = {name: torch.from_numpy(value) for name, value in graph.inputs.items()}
        for session, times in zip(sessions, spent, strict=True):
            begun = perf_counter_ns()
            made = session.run(state)
            times.append((perf_counter_ns() - begun) / 1e6)
            state.update(zip(session.outputs, made, strict=True))
    return [float(np.median(times[2:])) for times in spent]
