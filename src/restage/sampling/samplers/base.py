# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What a sampler is: it draws faults, says with which probability, and may learn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from restage.sampling.severity import Strata
from restage.sampling.space import FaultSpace, Integers

Doubles = NDArray[np.float64]
Flags = NDArray[np.bool_]
# Faults that are drawn before a sampler hears what became of them.
ROUND = 5


@dataclass(frozen=True, kw_only=True)
class Context:
    """
    What samplers may know before the first fault.

    ``importance``: of each element, at least 0: |sensitivity| of the summed outputs.
    """

    space: FaultSpace
    strata: Strata
    importance: Doubles


@dataclass(frozen=True, kw_only=True)
class Draws:
    """
    Faults in the order they were drawn, and what each says of the rate of critical faults.

    ``faults``: their numbers. ``probability``: with which each was drawn, given all draws before
    it. ``expected``: whether it is critical, as believed before (0 to 1). ``ahead``: the same
    belief summed over all faults that could be drawn, as a share of the space. ``spread``: the
    variance of what the draw says of the rate, as believed before. See
    ``restage.sampling.estimate``.
    """

    faults: Integers
    probability: Doubles
    ahead: Doubles
    expected: Doubles
    spread: Doubles


class Sampler(Protocol):
    """
    Draws faults. Plug-ins are factories ``(Context) -> Sampler``.

    ``covers``: whether every fault has a positive probability; only then do the draws say
    something about the rate in the whole space. ``replaces``: whether a fault that was drawn can
    be drawn again.
    """

    covers: bool
    replaces: bool

    def draw(self, rng: np.random.Generator, count: int) -> Draws:
        """Draw up to ``count`` faults; fewer only when there are no more to draw."""

    def learn(self, faults: Integers, critical: Flags) -> None:
        """Hear what became of faults that were drawn, before the next are."""
