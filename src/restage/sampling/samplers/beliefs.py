# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What a sampler believes about the strata: beta distributions that borrow from each other."""

from __future__ import annotations

import numpy as np

from restage.sampling.samplers.base import Doubles, Flags
from restage.sampling.severity import CLASSES, Strata
from restage.sampling.space import Integers

# What a fault of each severity is taken for before anything is known: the farther, the worse.
PRIOR = np.array([1e-4, 1e-3, 3e-3, 0.01, 0.03, 0.06, 0.12, 0.25, 0.4, 0.5, 0.5])
# How many observations a belief at one level counts as for the level below: all faults of a
# severity and direction; those of them in one layer; those of them at one bit (a stratum).
STRENGTHS = (1.0, 4.0, 10.0)


class Beliefs:
    """
    A beta distribution of the share of critical faults in each stratum.

    Its mean is what was seen in the stratum, drawn towards what was seen in its layer at the same
    severity and direction, and that towards all layers: empirical Bayes with fixed strengths.
    """

    def __init__(self, strata: Strata) -> None:
        """Believe the prior."""
        kind = strata.severity * 2 + strata.up
        self._levels = [kind, strata.layer * CLASSES * 2 + kind, np.arange(len(strata.sizes))]
        self._counts = [np.zeros((2, int(level.max()) + 1)) for level in self._levels]
        self._prior = PRIOR[strata.severity]
        self._refresh()

    def learn(self, strata: Integers, critical: Flags) -> None:
        """Take in what became of faults, by their strata."""
        for level, counts in zip(self._levels, self._counts, strict=True):
            np.add.at(counts[0], level[strata], critical)
            np.add.at(counts[1], level[strata], 1.0)
        self._refresh()

    def _refresh(self) -> None:
        mean = self._prior
        strength: Doubles = np.zeros(len(mean))
        for level, counts, borrowed in zip(self._levels, self._counts, STRENGTHS, strict=True):
            hits, seen = counts[0][level], counts[1][level]
            strength = seen + borrowed
            mean = (hits + borrowed * mean) / strength
        self.mean: Doubles = mean
        self.strength: Doubles = strength

    def sample(self, rng: np.random.Generator) -> Doubles:
        """Return one value for each stratum from its distribution (Thompson 1933)."""
        return rng.beta(self.mean * self.strength, (1.0 - self.mean) * self.strength)
