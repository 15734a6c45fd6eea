# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The estimate against a network all of whose faults are known."""

from __future__ import annotations

import numpy as np
import pytest

from restage.sampling.estimate import contributions, estimate, stays_within
from restage.sampling.samplers.base import Draws
from restage.sampling.samplers.registry import sampler_named
from restage.sampling.series import joined

from .conftest import Enumerated

THRESHOLD = 0.25
BUDGET = 150
COVERING = [
    'uniform',
    'isimdl-random-random',
    'isimdl-important-random',
    'isimdl-random-linear',
    'layer-importance',
    'stratified',
    'restage',
]


def run(name: str, known: Enumerated, seed: int, budget: int) -> tuple[Draws, np.ndarray, bool]:
    rng = np.random.default_rng([seed, 77])
    sampler = sampler_named(name)(known.context)
    parts, flags, done = [], [], 0
    while done < budget:
        draws = sampler.draw(rng, min(10, budget - done))
        if not len(draws.faults):
            break
        critical = known.damage[draws.faults] >= THRESHOLD
        sampler.learn(draws.faults, critical)
        parts.append(draws)
        flags.append(critical)
        done += len(critical)
    return joined(parts), np.concatenate(flags), sampler.replaces


@pytest.mark.parametrize('name', COVERING)
def test_it_is_unbiased_and_its_interval_holds(name: str, enumerated: Enumerated) -> None:
    truth = float((enumerated.damage >= THRESHOLD).mean())
    size = enumerated.context.space.size
    rates, held = [], 0
    runs = 80
    for seed in range(runs):
        draws, critical, replaces = run(name, enumerated, seed, BUDGET)
        found = estimate(draws, critical, size, replaces=replaces)
        values = contributions(draws, critical, size, replaces=replaces)
        rates.append(values.mean())  # not cut to 0..1: exactly unbiased
        held += found.low <= truth <= found.high
    error = np.std(rates, ddof=1) / np.sqrt(runs)
    assert abs(np.mean(rates) - truth) < 4 * error
    assert held / runs >= 0.86  # 95 % less nearly four standard errors of 80 runs


def test_the_adaptive_sampler_is_surer_than_chance(enumerated: Enumerated) -> None:
    size = enumerated.context.space.size
    spread = {}
    for name in ('uniform', 'restage'):
        rates = []
        for seed in range(60):
            draws, critical, replaces = run(name, enumerated, seed, BUDGET)
            rates.append(estimate(draws, critical, size, replaces=replaces).rate)
        spread[name] = np.std(rates)
    assert spread['restage'] < spread['uniform']


def test_after_every_fault_little_is_left_to_guess(enumerated: Enumerated) -> None:
    truth = float((enumerated.damage >= THRESHOLD).mean())
    size = enumerated.context.space.size
    draws, critical, _ = run('restage', enumerated, 1, size)
    assert len(draws.faults) == size
    last = contributions(draws, critical, size, replaces=False)[-1]
    assert last == pytest.approx(truth)


def test_uniform_draws_have_the_interval_of_a_proportion() -> None:
    from restage.coverage.proportion import proportion

    n, size = 200, 10_000
    nothing = np.zeros(n)
    critical = np.arange(n) < 9
    draws = Draws(
        faults=np.arange(n),
        probability=np.full(n, 1 / size),
        ahead=nothing,
        expected=nothing,
        spread=nothing,
    )
    found = estimate(draws, critical, size, replaces=True)
    assert found.rate == pytest.approx(9 / n)
    assert [found.low, found.high] == pytest.approx(proportion(9, n)['ci95'], abs=5e-4)
    none = estimate(draws, critical & False, size, replaces=True)
    assert none.rate == 0.0
    assert 0.01 < none.high < 0.03


def test_the_sequence_of_intervals_holds_however_often_it_is_looked_at() -> None:
    truth, size, planned = 0.2, 10_000, 400
    rng = np.random.default_rng(6)
    missed, missed_plain, runs = 0, 0, 200
    for _ in range(runs):
        values = (rng.random(planned) < truth).astype(float)
        nothing = np.zeros(planned)
        bad = plain = False
        for n in range(50, planned + 1, 25):
            draws = Draws(
                faults=np.arange(n),
                probability=np.full(n, 1 / size),
                ahead=nothing[:n],
                expected=nothing[:n],
                spread=nothing[:n],
            )
            off = abs(values[:n].mean() - truth)
            bad |= off > stays_within(values[:n], draws, planned)
            plain |= off > 1.96 * values[:n].std() / np.sqrt(n)
        missed += bad
        missed_plain += plain
    assert missed / runs < 0.08
    assert missed_plain / runs > 0.1  # why a plain interval does not do
