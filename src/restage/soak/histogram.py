# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Times counted in bins: a fixed amount of memory for any number of them."""

from __future__ import annotations

import numpy as np

BIN_MS = 0.1
BINS = 50_000


class Histogram:
    """Times in ms up to 5 s, to a tenth of a millisecond; what is longer counts as the last."""

    def __init__(self) -> None:
        self.count = 0
        self.longest = 0.0
        self._bins = np.zeros(BINS, np.int64)

    def add(self, time_ms: float) -> None:
        """Count a time."""
        self.count += 1
        self.longest = max(self.longest, time_ms)
        self._bins[min(BINS - 1, max(0, int(time_ms / BIN_MS)))] += 1

    def quantile(self, share: float) -> float | None:
        """Return a time that ``share`` of all do not exceed; None where there are none."""
        if not self.count:
            return None
        place = int(np.searchsorted(np.cumsum(self._bins), share * self.count))
        return round(min((place + 1) * BIN_MS, self.longest), 3)

    def summary(self) -> dict[str, float | int | None]:
        """Return count, p50, p99 and max, in ms."""
        return {
            'n': self.count,
            'p50': self.quantile(0.5),
            'p99': self.quantile(0.99),
            'max': round(self.longest, 3) if self.count else None,
        }
