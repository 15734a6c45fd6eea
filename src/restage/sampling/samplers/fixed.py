# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Samplers that do not learn: layer, then element, then bit, with replacement."""

from __future__ import annotations

import numpy as np

from restage.sampling.samplers.base import Doubles, Draws, Flags
from restage.sampling.space import FaultSpace, Integers


class FixedSampler:
    """Draws an element, then one of its bits; the same probabilities all the time."""

    replaces = True

    def __init__(self, space: FaultSpace, elements: Doubles, bits: Doubles) -> None:
        """
        Draw with these probabilities.

        :param elements: of each element; adds up to 1.
        :param bits: of each position, or for each element of each position; rows add up to 1.
        """
        self._space = space
        self._elements = elements
        self._bits = bits
        self._sums = np.cumsum(elements)
        self._bit_sums = np.cumsum(bits, axis=-1)
        self.covers = bool((elements > 0.0).all() and (bits > 0.0).all())

    def draw(self, rng: np.random.Generator, count: int) -> Draws:
        """Draw ``count`` faults, each by itself."""
        places = np.searchsorted(self._sums, rng.random(count) * self._sums[-1], side='right')
        places = np.minimum(places, self._space.elements - 1)
        sums = self._bit_sums if self._bit_sums.ndim == 1 else self._bit_sums[places]
        wanted = (rng.random(count) * sums[..., -1])[:, None]
        bits = np.sum(np.atleast_2d(sums) <= wanted, axis=1)
        bits = np.minimum(bits, self._space.positions - 1)
        of_bit = self._bits[bits] if self._bits.ndim == 1 else self._bits[places, bits]
        nothing = np.zeros(count)
        return Draws(
            faults=np.asarray(places * self._space.positions + bits, np.int64),
            probability=self._elements[places] * of_bit,
            ahead=nothing,
            expected=nothing,
            spread=nothing,
        )

    def learn(self, faults: Integers, critical: Flags) -> None:
        """Learn nothing."""
