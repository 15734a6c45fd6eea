# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The ground truth: every fault of the population, or a large uniform sample of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from restage.coverage.proportion import proportion
from restage.sampling.evaluate import Outcomes
from restage.sampling.journal import columns
from restage.sampling.samplers.base import Doubles, Flags
from restage.sampling.settings import SampleSettings
from restage.sampling.space import FaultSpace, Integers

THRESHOLDS = (0.05, 0.25)


@dataclass(frozen=True, kw_only=True)
class Truth:
    """
    Faults that were run whatever any sampler thinks of them, and what became of them.

    ``low`` to ``high``: Wilson's 95 % interval of the rate; the rate itself when ``exhaustive``.
    ``figures``: of each fault, by name. ``critical``: how many critical faults the population has,
    as far as is known.
    """

    exhaustive: bool
    faults: Integers
    flags: Flags
    figures: dict[str, Doubles]
    size: int
    rate: float
    low: float
    high: float

    @property
    def critical(self) -> float:
        """Return the number of critical faults in the population."""
        return self.rate * self.size

    def as_data(self) -> dict[str, Any]:
        """Return the figures in JSON's types."""
        return {
            'sdc_rate': round(self.rate, 6),
            'n': len(self.faults),
            'kind': 'exhaustive' if self.exhaustive else 'uniform',
            'ci95': [round(self.low, 6), round(self.high, 6)],
            'critical': int(self.flags.sum()),
            'by_threshold': {
                f'{at:g}': round(float((self.figures['damage'] >= at - 1e-9).mean()), 6)
                for at in THRESHOLDS
            },
            'mean_figures': {
                name: round(float(each.mean()), 6) for name, each in self.figures.items()
            },
        }


def find_truth(
    settings: SampleSettings,
    space: FaultSpace,
    outcomes: Outcomes,
    told: Callable[[int], None] = lambda _done: None,
) -> Truth:
    """Run every fault of ``space``, or uniform draws of it without replacement."""
    exhaustive = bool(settings.elements) or settings.truth >= space.size
    if exhaustive:
        faults: Integers = np.arange(space.size)
    else:
        rng = np.random.default_rng([settings.seed, 41])
        faults = np.sort(rng.choice(space.size, settings.truth, replace=False))
    found = outcomes.of(faults.tolist(), told)
    flags = np.array([outcomes.critical(one) for one in found])
    rate = float(flags.mean())
    low, high = rate, rate
    if not exhaustive:
        limits = proportion(int(flags.sum()), len(flags))['ci95']
        assert isinstance(limits, list)
        low, high = limits
    return Truth(
        exhaustive=exhaustive,
        faults=faults,
        flags=flags,
        figures=columns(found),
        size=space.size,
        rate=rate,
        low=low,
        high=high,
    )


def heat_map(space: FaultSpace, truth: Truth) -> list[list[float | None]]:
    """Return the share of critical faults by layer and bit; None where none was run."""
    elements, bits = np.divmod(truth.faults, space.positions)
    key = space.layer[elements] * space.positions + bits
    cells = len(space.layers) * space.positions
    run = np.bincount(key, minlength=cells)
    hits = np.bincount(key, truth.flags, minlength=cells)
    shares = [round(float(h / n), 5) if n else None for h, n in zip(hits, run, strict=True)]
    width = space.positions
    return [shares[first : first + width] for first in range(0, cells, width)]
