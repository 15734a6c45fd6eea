# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What a fault does to the bits of an element."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from restage.sampling.errors import SamplingError, not_accepted
from restage.sampling.storage import Raw

KINDS = ('flip', 'stuck_at_0', 'stuck_at_1')


@dataclass(frozen=True, kw_only=True)
class FaultModel:
    """
    ``flip``, ``stuck_at_0`` or ``stuck_at_1`` of ``bits`` neighbouring bits of one element.

    A fault at bit b hits bits b to b + ``bits`` - 1; 0 is the lowest.

    :raises SamplingError: for another kind, or less than one bit.
    """

    kind: str = 'flip'
    bits: int = 1

    def __post_init__(self) -> None:
        """Check both fields."""
        if self.kind not in KINDS:
            raise not_accepted('fault', self.kind, KINDS)
        if not 1 <= self.bits <= 8:
            raise SamplingError(f'bits of a fault: {self.bits}; accepted: 1..8')

    def positions(self, width: int) -> int:
        """Return at how many places in an element of ``width`` bits it can be."""
        return width - self.bits + 1

    def apply(self, raw: Raw, bit: int | Raw) -> Raw:
        """Return the bits of elements (any shape) with the fault at ``bit``."""
        mask = np.uint32((1 << self.bits) - 1) << np.asarray(bit, np.uint32)
        if self.kind == 'flip':
            return np.asarray(raw ^ mask, np.uint32)
        if self.kind == 'stuck_at_0':
            return np.asarray(raw & ~mask, np.uint32)
        return np.asarray(raw | mask, np.uint32)
