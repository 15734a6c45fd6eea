# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Growth as a power law: a straight line through the logarithms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# Student's t, two-sided 95 %, for 1 to 10 degrees of freedom.
STUDENT_95 = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228)


@dataclass(frozen=True, kw_only=True)
class Growth:
    """
    y = ``factor`` * x ** ``exponent``; ``ci95``: of the exponent, None for two points.

    ``r2``: share of the variance of log y that the line explains.
    """

    factor: float
    exponent: float
    ci95: tuple[float, float] | None
    r2: float
    points: int

    def at(self, x: float) -> float:
        """Return y."""
        return float(self.factor * x**self.exponent)


def growth(xs: Sequence[float], ys: Sequence[float | None]) -> Growth | None:
    """
    Return the law by least squares on the logarithms; None for fewer than two points.

    What is not known, or not above 0, is left out. The interval is that of the slope of a linear
    regression, by Student's t: where the points lie on a curve it gets wide.
    """
    pairs = [(x, y) for x, y in zip(xs, ys, strict=True) if y is not None and y > 0]
    if len({x for x, _ in pairs}) < 2:
        return None
    x, y = np.log(np.asarray(pairs, np.float64)).T
    spread = float(((x - x.mean()) ** 2).sum())
    slope = float(((x - x.mean()) * (y - y.mean())).sum()) / spread
    offset = float(y.mean()) - slope * float(x.mean())
    missed = float(((y - offset - slope * x) ** 2).sum())
    whole = float(((y - y.mean()) ** 2).sum())
    free = len(pairs) - 2
    ends = None
    if free:
        half = STUDENT_95[min(free, len(STUDENT_95)) - 1] * (missed / free / spread) ** 0.5
        ends = (slope - half, slope + half)
    return Growth(
        factor=float(np.exp(offset)),
        exponent=slope,
        ci95=ends,
        r2=1.0 - missed / whole if whole else 1.0,
        points=len(pairs),
    )
