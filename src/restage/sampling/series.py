# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""One run of one sampler: draws, what became of them, and what they say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from restage.sampling.errors import SamplingError
from restage.sampling.estimate import Estimate, contributions, estimate, stays_within
from restage.sampling.evaluate import Outcomes
from restage.sampling.journal import Outcome, columns
from restage.sampling.samplers.base import ROUND, Context, Doubles, Draws, Flags, Sampler

LOOKS = 10 * ROUND  # draws between two looks at the interval
FIELDS = ('faults', 'probability', 'ahead', 'expected', 'spread')


@dataclass(frozen=True, kw_only=True)
class Series:
    """
    The draws of one run, in order.

    ``figures``: of each draw, by name. ``estimate``: None for a sampler that leaves faults out.
    ``seconds``: what the faults took.
    """

    sampler: str
    run: int
    draws: Draws
    critical: Flags
    figures: dict[str, Doubles]
    seconds: float
    estimate: Estimate | None
    replaces: bool


def run_series(
    name: str,
    make: Callable[[Context], Sampler],
    context: Context,
    outcomes: Outcomes,
    seed: tuple[int, int],
    budget: int,
    stop: float = 0.0,
) -> Series:
    """
    Draw and run up to ``budget`` faults, or until the interval is as narrow as ``stop``.

    :param seed: of the campaign, and the number of the run.
    :raises SamplingError: when the sampler draws nothing.
    """
    sampler = make(context)
    rng = np.random.default_rng([*seed, *name.encode()])
    parts: list[Draws] = []
    flags: list[Flags] = []
    became: list[Outcome] = []
    done = 0
    while done < budget:
        draws = sampler.draw(rng, min(ROUND, budget - done))
        if not len(draws.faults):
            break
        found = outcomes.of(draws.faults.tolist())
        critical = np.array([outcomes.critical(one) for one in found])
        sampler.learn(draws.faults, critical)
        parts.append(draws)
        flags.append(critical)
        became += found
        done += len(found)
        if stop and sampler.covers and done % LOOKS == 0:
            critical = np.concatenate(flags)
            if _sure(joined(parts), critical, context.space.size, sampler, stop, budget):
                break
    if not parts:
        raise SamplingError(f"sampler '{name}' drew nothing")
    draws, critical = joined(parts), np.concatenate(flags)
    known = None
    if sampler.covers:
        known = estimate(draws, critical, context.space.size, replaces=sampler.replaces)
    return Series(
        sampler=name,
        run=seed[1],
        draws=draws,
        critical=critical,
        figures=columns(became),
        seconds=sum(one.seconds for one in became),
        estimate=known,
        replaces=sampler.replaces,
    )


def _sure(
    draws: Draws, critical: Flags, size: int, sampler: Sampler, stop: float, budget: int
) -> bool:
    """Return whether the interval that holds at all times is narrow, and the plain one too."""
    values = contributions(draws, critical, size, replaces=sampler.replaces)
    # Where nothing critical was drawn yet, the first has no width.
    plain = estimate(draws, critical, size, replaces=sampler.replaces).half_width
    return max(stays_within(values, draws, budget), plain) <= stop


def joined(parts: list[Draws]) -> Draws:
    """Return draws one after another."""
    return Draws(**{name: np.concatenate([getattr(one, name) for one in parts]) for name in FIELDS})
