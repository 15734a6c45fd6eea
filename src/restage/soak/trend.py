# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Does something grow? A robust slope over lives of processes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Z95 = 1.959964
# So much of what is accepted in an hour must have come for a verdict: minutes tell little of hours.
SEEN = 0.25


@dataclass(frozen=True, kw_only=True)
class Trend:
    """
    A slope per hour, and the 95 % interval of it; None where there are too few points.

    ``points`` in ``lives``, which were watched for ``hours`` in all.
    """

    points: int
    lives: int
    hours: float
    per_hour: float | None
    low: float | None
    high: float | None

    def exceeds(self, limit_per_hour: float) -> bool:
        """Return whether it certainly grows faster than ``limit_per_hour``, and has grown."""
        if self.low is None or self.low <= limit_per_hour:
            return False
        return self.low * self.hours > SEEN * limit_per_hour


def trend(lives: Iterable[Sequence[tuple[float, float]]]) -> Trend:
    """
    Return the slope of values over time, both in ``lives``: series of (s, value), one a process.

    Only points of the same life are compared, so a process that starts again with another size
    is no growth. Slope: the median over all pairs (Theil and Sen). Interval: from the variance of
    Kendall's S, added over lives, as for the seasonal Kendall slope estimator (Hirsch, Slack and
    Smith, 1982; Gilbert, Statistical Methods for Environmental Pollution Monitoring, 1987, 17.3).
    """
    slopes: list[NDArray[np.float64]] = []
    variance = 0.0
    points = counted = 0
    watched_s = 0.0
    for life in lives:
        count = len(life)
        points += count
        if count < 2:
            continue
        counted += 1
        times, values = np.array(life, np.float64).T
        first, second = np.triu_indices(count, 1)
        span = times[second] - times[first]
        slopes.append((values[second] - values[first])[span > 0] / span[span > 0])
        watched_s += float(times[-1] - times[0])
        variance += count * (count - 1) * (2 * count + 5) / 18
    every = np.sort(np.concatenate(slopes)) * 3600.0 if slopes else np.empty(0)
    if len(every) == 0:
        return Trend(
            points=points, lives=counted, hours=watched_s / 3600, per_hour=None, low=None, high=None
        )
    width = Z95 * math.sqrt(variance)
    low, high = (len(every) - width) / 2, (len(every) + width) / 2
    return Trend(
        points=points,
        lives=counted,
        hours=watched_s / 3600,
        per_hour=float(np.median(every)),
        low=float(every[math.floor(low) - 1]) if low >= 1 else None,
        high=float(every[math.ceil(high)]) if math.ceil(high) < len(every) else None,
    )
