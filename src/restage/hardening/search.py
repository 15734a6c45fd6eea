# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""How many trials it takes to find critical faults."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from restage.hardening.settings import HardenSettings
from restage.sampling.engine import Engine
from restage.sampling.estimate import Estimate, estimate
from restage.sampling.samplers.base import ROUND, Context, Draws, Flags
from restage.sampling.samplers.registry import RESTAGE, UNIFORM, sampler_named
from restage.sampling.sensitivity import importance
from restage.sampling.series import joined
from restage.sampling.severity import stratify
from restage.sampling.space import Fault, FaultSpace

SEARCHERS = (UNIFORM, 'isimdl-important-gradient', 'top-bit', RESTAGE)
Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Found:
    """
    What a search came to.

    ``critical``: different critical faults, in the order they were found. ``estimate``: of the
    rate of critical faults in the space; None for a sampler that leaves some out.
    """

    trials: int
    critical: tuple[Fault, ...]
    estimate: Estimate | None

    @property
    def trials_per_critical(self) -> float | None:
        """Return trials per different critical fault; None when there was none."""
        return self.trials / len(self.critical) if self.critical else None


def context_of(engine: Engine, space: FaultSpace) -> Context:
    """Return what samplers may know of ``space`` and of the weights as they are."""
    return Context(
        space=space, strata=stratify(space), importance=importance(engine.subject, space)
    )


def search(
    engine: Engine,
    context: Context,
    sampler: str,
    threshold: float,
    seed: tuple[int, ...],
    trials: int,
    wanted: int | None = None,
) -> Found:
    """Inject what ``sampler`` draws until ``wanted`` critical faults are known, or trials end."""
    made = sampler_named(sampler)(context)
    rng = np.random.default_rng([*seed, *sampler.encode()])
    critical: dict[int, None] = {}
    parts: list[Draws] = []
    flags: list[Flags] = []
    done = 0
    while done < trials and (wanted is None or len(critical) < wanted):
        draws = made.draw(rng, min(ROUND, trials - done))
        if not len(draws.faults):
            break
        numbers = draws.faults.tolist()
        damage = [engine.run(context.space.fault(one))['damage'] for one in numbers]
        hit = np.array(damage) >= threshold
        made.learn(draws.faults, hit)
        critical.update(dict.fromkeys(draws.faults[hit].tolist()))
        parts.append(draws)
        flags.append(hit)
        done += len(numbers)
    rate = None
    if made.covers and parts:
        size = context.space.size
        rate = estimate(joined(parts), np.concatenate(flags), size, replaces=made.replaces)
    found = tuple(context.space.fault(number) for number in critical)
    return Found(trials=done, critical=found, estimate=rate)


def search_costs(settings: HardenSettings, engine: Engine, say: Say) -> dict[str, Found]:
    """Return what each sampler comes to that looks for so many critical faults."""
    context = context_of(engine, engine.space.subset(settings.elements, settings.seed))
    costs = {}
    for name in SEARCHERS:
        say(f'search: {name}')
        costs[name] = search(
            engine,
            context,
            name,
            settings.threshold,
            (settings.seed, 1),
            settings.most,
            settings.critical,
        )
    return costs


def critical_of(costs: Mapping[str, Found], settings: HardenSettings) -> tuple[Fault, ...]:
    """
    Return the critical faults that networks are compared under.

    :raises ValueError: when there is none.
    """
    faults = costs[RESTAGE].critical
    if not faults:
        raise ValueError(f'no critical fault in {settings.most} trials; accepted: more --most')
    return faults
