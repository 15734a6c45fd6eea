# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""
The rate of critical faults in a whole space, from draws with known probabilities.

Each draw t gives a number whose mean, given all draws before it, is the rate R of the space of N
faults: y_t = (faults already drawn that were critical) / N + ahead_t + (f_t - m_t) / (N q_t). With
replacement, and with no belief, this is Hansen and Hurwitz (1943); without replacement that of Des
Raj (1956); with a belief m it is the difference estimator (Särndal et al. 1992). Because q_t and
m_t only depend on earlier draws, the y_t - R are a martingale difference sequence however the
sampler adapts, so that their mean is unbiased and its variance is estimated from their spread.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from restage.coverage.proportion import Z95
from restage.sampling.samplers.base import Doubles, Draws, Flags

# So many draws the variance that a sampler expected counts as, beside the one that was seen: rare
# draws of a great weight may not have come yet. Nothing for a sampler that expects nothing.
PRIOR_DRAWS = 10
ALPHA = 0.05


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """
    A rate with its 95 % interval after ``n`` draws.

    ``effective``: the number of uniform draws that would be as sure (Kish's design effect).
    """

    rate: float
    low: float
    high: float
    n: int
    effective: float

    @property
    def half_width(self) -> float:
        """Half of the width of the interval."""
        return (self.high - self.low) / 2


def contributions(draws: Draws, critical: Flags, size: int, *, replaces: bool) -> Doubles:
    """Return what each draw says of the rate."""
    values = critical.astype(float)
    found = draws.ahead + (values - draws.expected) / (size * draws.probability)
    if not replaces:
        found = found + np.concatenate([[0.0], np.cumsum(values)[:-1]]) / size
    return np.asarray(found)


def estimate(draws: Draws, critical: Flags, size: int, *, replaces: bool) -> Estimate:
    """
    Return the mean of what the draws say, with a score interval (Wilson 1927).

    The interval is that of as many uniform draws as have the same variance (Dean and Pagano 2015),
    so that it stays within 0 to 1 and is not empty when nothing critical was drawn.
    """
    values = contributions(draws, critical, size, replaces=replaces)
    n = len(values)
    rate = min(1.0, max(0.0, float(values.mean())))
    weights = 1.0 / (size * draws.probability)
    kish = float(weights.sum() ** 2 / np.square(weights).sum())
    variance = _variance(values, draws) / n
    effective = rate * (1.0 - rate) / variance if variance > 0.0 and 0.0 < rate < 1.0 else kish
    low, high = _score_interval(rate, effective)
    return Estimate(rate=rate, low=low, high=high, n=n, effective=effective)


def stays_within(values: Doubles, draws: Draws, planned: int) -> float:
    """
    Return half the width of a 95 % interval that holds however often it is looked at.

    :param values: what each draw so far said.
    :param planned: the number of draws at which it is to be narrowest.

    The asymptotic confidence sequence of Waudby-Smith et al. (2021), "Time-uniform central limit
    theory and asymptotic confidence sequences": a plain interval, looked at after every round until
    it is narrow enough, would miss the rate more often than it says.
    """
    n = len(values)
    log = -2.0 * math.log(ALPHA)
    square = (log + math.log(log) + 1.0) / planned
    scaled = n * square + 1.0
    inside = 2.0 * scaled / (n * n * square) * math.log(math.sqrt(scaled) / ALPHA)
    return math.sqrt(_variance(values, draws) * inside)


def _variance(values: Doubles, draws: Draws) -> float:
    """Return the variance of one draw: what was seen, and a little of what was expected."""
    n = len(values)
    seen = float(values.var(ddof=1)) if n > 1 else 0.0
    if not draws.spread.any():
        return seen
    return (n * seen + PRIOR_DRAWS * float(draws.spread.mean())) / (n + PRIOR_DRAWS)


def _score_interval(rate: float, n: float) -> tuple[float, float]:
    square = Z95 * Z95
    middle = (rate + square / (2 * n)) / (1 + square / n)
    inside = rate * (1 - rate) / n + square / (4 * n * n)
    half = Z95 / (1 + square / n) * math.sqrt(inside)
    return max(0.0, middle - half), min(1.0, middle + half)
