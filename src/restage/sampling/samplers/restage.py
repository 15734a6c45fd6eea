# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Restage's own sampler: adaptive, without replacement, every draw with its probability."""

from __future__ import annotations

import numpy as np

from restage.sampling.samplers.base import Context, Doubles, Draws, Flags
from restage.sampling.samplers.beliefs import Beliefs
from restage.sampling.samplers.stratified import Urns, choose
from restage.sampling.space import Integers

FLOOR = 0.04  # of the draws: any fault that is left
SURVEY = 0.06  # of the draws: where most of the variance of the estimate is
SHARPNESS = 6.0


class RestageSampler:
    """
    Seeks critical faults, different ones, and never stops looking elsewhere.

    The faults are in strata by layer, bit, and how far and which way the value moves. Each draw
    chooses a stratum from a mixture, then any of its faults that is left. The mixture: any fault
    (FLOOR); strata by size x standard deviation, as Neyman (1934) has it for the least variance
    (SURVEY); otherwise strata by a sample of the belief in them (Thompson 1933) to the power
    SHARPNESS, whatever their size, the less the more critical faults of their layer and bit were
    found. The probabilities are known before the draw, so the estimate is without bias.
    """

    covers = True
    replaces = False

    def __init__(self, context: Context) -> None:
        """Begin with all faults and the prior beliefs."""
        self._strata = context.strata
        self._urns = Urns(context.strata)
        self._beliefs = Beliefs(context.strata)
        self._size = context.space.size
        self._cell = context.strata.layer * context.space.positions + context.strata.bit
        self._in_cell = np.zeros(int(self._cell.max()) + 1)

    def draw(self, rng: np.random.Generator, count: int) -> Draws:
        """Draw ``count`` faults, or what is left."""
        faults, probability, ahead, expected, spread = [], [], [], [], []
        mean = self._beliefs.mean
        wanted = self._wanted(rng)
        for _ in range(min(count, int(self._urns.left.sum()))):
            left = self._urns.left
            chances = self._mixture(wanted, mean, left)
            stratum = choose(rng, chances)
            probability.append(chances[stratum] / left[stratum])
            ahead.append(float(left @ mean) / self._size)
            expected.append(mean[stratum])
            spread.append(_variance(left, mean, chances) / self._size**2)
            faults.append(self._urns.draw(rng, stratum))
        return Draws(
            faults=np.array(faults, np.int64),
            probability=np.array(probability, float),
            ahead=np.array(ahead, float),
            expected=np.array(expected, float),
            spread=np.array(spread, float),
        )

    def _wanted(self, rng: np.random.Generator) -> Doubles:
        value = self._beliefs.sample(rng) ** SHARPNESS
        return np.asarray(value / (1.0 + self._in_cell[self._cell]))

    def _mixture(self, wanted: Doubles, mean: Doubles, left: Integers) -> Doubles:
        """Return the probability of each stratum."""
        spread = left * np.sqrt(mean * (1.0 - mean))
        sought = np.where(left > 0, wanted, 0.0)
        parts = ((FLOOR, left), (SURVEY, spread), (1.0 - FLOOR - SURVEY, sought))
        found: Doubles = np.zeros(len(left))
        for share, weight in parts:
            total = float(weight.sum())
            found += share * (weight / total if total > 0.0 else left / left.sum())
        return found

    def learn(self, faults: Integers, critical: Flags) -> None:
        """Change the beliefs."""
        strata = self._strata.of[faults].astype(np.int64)
        self._beliefs.learn(strata, critical)
        np.add.at(self._in_cell, self._cell[strata], critical)


def _variance(left: Integers, mean: Doubles, chances: Doubles) -> float:
    """Return the variance of (f - m) / q that the beliefs expect: of a Bernoulli in a stratum."""
    open_ = chances > 0.0
    each = np.square(left[open_].astype(float)) * mean[open_] * (1.0 - mean[open_])
    return float(np.sum(each / chances[open_]))
