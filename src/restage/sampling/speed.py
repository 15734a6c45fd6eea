# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""How much faster a fault is run than with the whole network, and that the result is the same."""

from __future__ import annotations

from time import perf_counter
from typing import Any

import numpy as np

from restage.sampling.engine import Engine
from restage.sampling.space import FaultSpace

FAULTS = 100


def measure_speed(engine: Engine, space: FaultSpace, seed: int) -> dict[str, Any]:
    """
    Run uniform faults of ``space`` both ways, in turns, on one core, and compare every figure.

    ``ratio``: total time of the naive runs over that of the others.
    """
    numbers = np.random.default_rng([seed, 43]).integers(0, space.size, FAULTS)
    faults = [space.fault(int(number)) for number in numbers]
    fast: list[float] = []
    naive: list[float] = []
    same = 0
    for fault in faults:
        start = perf_counter()
        quick = engine.run(fault)
        middle = perf_counter()
        whole = engine.run_naively(fault)
        end = perf_counter()
        fast.append(middle - start)
        naive.append(end - middle)
        same += quick == whole
    return {
        'faults': len(fast),
        'same_outcome': same,
        'faults_per_s': round(len(fast) / sum(fast), 2),
        'naive_faults_per_s': round(len(naive) / sum(naive), 2),
        'ratio': round(sum(naive) / sum(fast), 3),
    }
