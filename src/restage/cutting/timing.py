# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""How long the parts of a network take on this machine."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter_ns

import numpy as np

from restage.cutting.balance import balanced
from restage.cutting.network import Cut, Network

# Parts that are timed at most: every border between two is a copy that the whole does not make.
FINE = 24
RUNS = 9


def by_measurement(network: Network, stages: int) -> list[Cut]:
    """Return cuts for stages that take about equally long here."""
    fine = network.cuts
    if len(fine) >= FINE:
        fine = tuple(balanced(fine, network.costs(), FINE))
    return balanced(fine, part_times(network, fine), stages)


def part_times(network: Network, cuts: Sequence[Cut], *, runs: int = RUNS) -> list[float]:
    """Return the median time of each part between ``cuts``, ms."""
    parts = network.parts(cuts)
    spent: list[list[float]] = [[] for _ in parts]
    for _ in range(runs + 2):
        state = {network.picture: network.sample[network.picture]}
        for part, times in zip(parts, spent, strict=True):
            begun = perf_counter_ns()
            made = part.run(state)
            times.append((perf_counter_ns() - begun) / 1e6)
            state.update(zip(part.outputs, made, strict=True))
    return [float(np.median(times[2:])) for times in spent]
