# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What it takes to check all weights of a model, and to bring all of them back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter_ns

import numpy as np
import torch

from restage.stages.model import StagedModel
from restage.weights.golden import GoldenWeights
from restage.weights.guard import WeightGuard

SAMPLES = 7
# So much other memory is written before each sample: in a frame the tensors of the stages are.
BETWEEN = 8 * 1024 * 1024


@dataclass(frozen=True)
class WeightTimes:
    """
    ``check_ns``: checksums of all weights. ``reload_ns``: all found damaged, and written anew.

    ``frames_per_round``: in how many frames each weight is checked once; 0: there are none.
    """

    nbytes: int
    check_ns: list[int]
    reload_ns: list[int]
    frames_per_round: int


def measure_weights(
    load: Callable[[], StagedModel], budget_ms: float, *, samples: int = SAMPLES
) -> WeightTimes:
    """
    Measure a model that ``load`` gives, with a golden copy of its own in memory.

    ``budget_ms``: time of a frame to spend on checking.

    :raises ValueError: when the model cannot be loaded.
    """
    model = load()
    if not model.weights:
        return WeightTimes(0, [], [], 0)
    golden = GoldenWeights(model, None)
    guard = WeightGuard(model, golden, round(budget_ms * 1e6), load)
    other = np.zeros(BETWEEN, np.uint8)
    times = WeightTimes(golden.layout.nbytes, [], [], guard.frames_per_round)
    for _ in range(samples):
        np.add(other, 1, out=other)
        begun = perf_counter_ns()
        clean = guard.check_all() is None
        times.check_ns.append(perf_counter_ns() - begun)
        _damage(model)
        np.add(other, 1, out=other)
        begun = perf_counter_ns()
        guard.reload()
        times.reload_ns.append(perf_counter_ns() - begun)
        if not clean or guard.check_all() is not None:
            raise RuntimeError('weights that were brought back are not the clean ones')
    return times


@torch.no_grad()
def _damage(model: StagedModel) -> None:
    """Flip the sign bit of every weight; one that has two names only once."""
    for weight in {weight.data_ptr(): weight for weight in model.weights.values()}.values():
        weight.neg_()
