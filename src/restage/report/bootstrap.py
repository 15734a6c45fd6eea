# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Intervals of what was measured, by drawing from it again and again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 2000
# A resampled median of fewer values would look surer than it is.
LEAST_FOR_INTERVAL = 5


def resampled(count: int, seed: int) -> NDArray[np.int64]:
    """Return RESAMPLES rows of ``count`` indices drawn with replacement."""
    return np.random.default_rng(seed).integers(0, count, (RESAMPLES, count))


def interval(statistics: NDArray[np.float64]) -> tuple[float, float]:
    """Return the middle 95 % of resampled statistics, by values among them; may be infinite."""
    low = np.percentile(statistics, 2.5, method='lower')
    high = np.percentile(statistics, 97.5, method='higher')
    return float(low), float(high)


def median_interval(values: Sequence[float], seed: int) -> tuple[float, float] | None:
    """Return the bootstrap 95 % interval of the median; None for fewer than five values."""
    if len(values) < LEAST_FOR_INTERVAL:
        return None
    samples = np.asarray(values, np.float64)
    return interval(np.median(samples[resampled(len(samples), seed)], axis=1))
