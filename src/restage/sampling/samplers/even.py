# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Every layer x bit alike: a stratum of those at random, then any of its faults not yet drawn."""

from __future__ import annotations

import numpy as np

from restage.sampling.samplers.base import Context, Draws, Flags
from restage.sampling.samplers.stratified import Urns, choose
from restage.sampling.space import Integers


class EvenSampler:
    """Draws strata by layer x bit equally often, whatever comes of them."""

    covers = True
    replaces = False

    def __init__(self, context: Context) -> None:
        """Begin with all faults."""
        self._urns = Urns(context.strata)
        self._cell = context.strata.layer * context.space.positions + context.strata.bit

    def draw(self, rng: np.random.Generator, count: int) -> Draws:
        """Draw ``count`` faults, or what is left."""
        faults, probability = [], []
        for _ in range(min(count, int(self._urns.left.sum()))):
            left = self._urns.left
            of_cell = np.bincount(self._cell, left, minlength=int(self._cell.max()) + 1)
            chances = np.where(left > 0, left / np.maximum(of_cell[self._cell], 1), 0.0)
            chances /= chances.sum()
            stratum = choose(rng, chances)
            probability.append(chances[stratum] / left[stratum])
            faults.append(self._urns.draw(rng, stratum))
        return Draws(
            faults=np.array(faults, np.int64),
            probability=np.array(probability, float),
            ahead=np.zeros(len(faults)),
            expected=np.zeros(len(faults)),
            spread=np.zeros(len(faults)),
        )

    def learn(self, faults: Integers, critical: Flags) -> None:
        """Learn nothing."""
