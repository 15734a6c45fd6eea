# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Draws without replacement from strata, and the estimate that goes with it."""

from __future__ import annotations

import numpy as np

from restage.sampling.samplers.base import Doubles
from restage.sampling.severity import Strata
from restage.sampling.space import Integers


class Urns:
    """The faults of each stratum; one that was drawn does not come back."""

    def __init__(self, strata: Strata) -> None:
        """Fill the urns."""
        self.sizes = strata.sizes
        self.left: Integers = strata.sizes.astype(np.int64)
        self._order = np.argsort(strata.of, kind='stable')
        self._first = np.concatenate([[0], np.cumsum(strata.sizes)[:-1]])

    def draw(self, rng: np.random.Generator, stratum: int) -> int:
        """Take one fault out of ``stratum``, each that is left with the same probability."""
        first = int(self._first[stratum] + self.sizes[stratum] - self.left[stratum])
        chosen = first + int(rng.integers(self.left[stratum]))
        fault = int(self._order[chosen])
        self._order[chosen] = self._order[first]
        self._order[first] = fault
        self.left[stratum] -= 1
        return fault


def choose(rng: np.random.Generator, probabilities: Doubles) -> int:
    """Return an index with its probability; one of probability 0 never comes."""
    sums = np.cumsum(probabilities)
    return int(np.searchsorted(sums, rng.random() * sums[-1], side='right'))
