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
from restage.sampling.samplers.base import Context, Doubles, Draws, Flags, Sampler
from restage.sampling.samplers.restage import ROUND

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
        if stop and sampler.covers and done % (10 * ROUND) == 0:
            so_far = joined(parts)
            values = contributions(
                so_far, np.concatenate(flags), context.space.size, replaces=sampler.replaces
            )
            if stays_within(values, so_far, budget) <= stop:
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


def joined(parts: list[Draws]) -> Draws:
    """Return draws one after another."""
    return Draws(**{name: np.concatenate([getattr(one, name) for one in parts]) for name in FIELDS})
