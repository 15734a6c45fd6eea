# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""One image on its way through a place where faults act on it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from restage.faults.command import Fault

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True)
class Passing:
    """
    An image: its header stamp, its data (uint8, rows first, not to be written to).

    ``release_ns``: when it may go on, on CLOCK_MONOTONIC. ``overtaken``: those behind it need not
    wait for it. ``source``: what it came in, which goes with it.
    """

    stamp_ns: int
    pixels: Pixels
    release_ns: int
    overtaken: bool = False
    source: object = None

    def with_pixels(self, pixels: Pixels) -> Passing:
        """Return it with other data."""
        return replace(self, pixels=pixels)

    def later(self, milliseconds: float, *, overtaken: bool) -> Passing:
        """Return it so much later."""
        return replace(
            self, release_ns=self.release_ns + round(milliseconds * 1e6), overtaken=overtaken
        )


@dataclass(frozen=True, kw_only=True)
class Moment:
    """What an effect knows: the fault, its random numbers, the image before (None: the first)."""

    fault: Fault
    rng: Random
    before: Pixels | None

    def number(self, name: str) -> float:
        """Return the parameter ``name`` of the fault."""
        return float(self.fault.parameters[name])
