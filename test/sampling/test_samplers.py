# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np
import pytest

from restage.sampling.errors import SamplingError
from restage.sampling.samplers.base import Context, Sampler
from restage.sampling.samplers.fixed import FixedSampler
from restage.sampling.samplers.registry import sampler_named, samplers

from .conftest import Enumerated

NAMES = list(samplers())
ADAPTIVE = ('stratified', 'restage')


def drawn(sampler: Sampler, context: Context, damage: np.ndarray, count: int) -> np.ndarray:
    rng = np.random.default_rng(2)
    faults = []
    while len(faults) < count:
        draws = sampler.draw(rng, min(20, count - len(faults)))
        if not len(draws.faults):
            break
        sampler.learn(draws.faults, damage[draws.faults] >= 0.25)
        faults += draws.faults.tolist()
    return np.array(faults)


@pytest.mark.parametrize('name', NAMES)
def test_faults_come_as_often_as_their_probability_says(name: str, enumerated: Enumerated) -> None:
    """Over the first draws of many fresh samplers, 1 / (N q) has the mean 1."""
    context = enumerated.context
    rng = np.random.default_rng(9)
    repeats = 4000
    make = sampler_named(name)
    sampler = make(context)
    if isinstance(sampler, FixedSampler):
        draws = sampler.draw(rng, repeats)
        probability = draws.probability
    else:
        repeats = 400
        probability = np.array([make(context).draw(rng, 1).probability[0] for _ in range(repeats)])
    assert (probability > 0.0).all()
    assert (probability <= 1.0).all()
    weights = 1.0 / (context.space.size * probability)
    if sampler.covers and weights.max() < 50:
        error = weights.std() / np.sqrt(repeats)
        assert abs(weights.mean() - 1.0) < 5 * error + 1e-9


@pytest.mark.parametrize('name', [name for name in NAMES if name not in ADAPTIVE])
def test_the_probabilities_of_a_fixed_sampler_add_up(name: str, enumerated: Enumerated) -> None:
    sampler = sampler_named(name)(enumerated.context)
    assert isinstance(sampler, FixedSampler)
    space = enumerated.context.space
    bits = np.broadcast_to(sampler._bits, (space.elements, space.positions))
    full = (sampler._elements[:, None] * bits).reshape(-1)
    assert full.sum() == pytest.approx(1.0)
    draws = sampler.draw(np.random.default_rng(1), 3000)
    assert np.allclose(full[draws.faults], draws.probability)
    counts = np.bincount(draws.faults // space.positions, minlength=space.elements)
    wanted = 3000 * sampler._elements
    assert np.abs(counts - wanted).max() < 5 * np.sqrt(wanted.max()) + 5
    of_bit = np.bincount(draws.faults % space.positions, minlength=space.positions)
    wanted = 3000 * full.reshape(-1, space.positions).sum(axis=0)
    assert np.abs(of_bit - wanted).max() < 5 * np.sqrt(wanted.max()) + 5


@pytest.mark.parametrize('name', ADAPTIVE)
def test_without_replacement_every_fault_comes_once(name: str, enumerated: Enumerated) -> None:
    context = enumerated.context
    sampler = sampler_named(name)(context)
    faults = drawn(sampler, context, enumerated.damage, context.space.size + 50)
    assert np.array_equal(np.sort(faults), np.arange(context.space.size))


def test_the_top_bit_control_draws_nothing_else(enumerated: Enumerated) -> None:
    sampler = sampler_named('top-bit')(enumerated.context)
    draws = sampler.draw(np.random.default_rng(1), 200)
    assert set((draws.faults % 32).tolist()) == {30}
    assert not sampler.covers


def test_the_other_control_draws_only_what_grows(enumerated: Enumerated) -> None:
    sampler = sampler_named('top-bit-up')(enumerated.context)
    faults = sampler.draw(np.random.default_rng(1), 200).faults
    assert set((faults % 32).tolist()) == {30}
    assert enumerated.context.strata.up[enumerated.context.strata.of[faults]].all()
    assert not sampler.covers


def test_isimdl_draws_the_top_bit_as_often_as_published(enumerated: Enumerated) -> None:
    """A quarter of the draws with exponential bits, about half with the gradient."""
    rng = np.random.default_rng(4)
    for bit, low, high in (('exponential', 0.24, 0.26), ('gradient', 0.46, 0.52)):
        sampler = sampler_named(f'isimdl-random-{bit}')(enumerated.context)
        share = (sampler.draw(rng, 40_000).faults % 32 == 30).mean()
        assert low < share < high


def test_important_elements_come_more_often(enumerated: Enumerated) -> None:
    context = enumerated.context
    sampler = sampler_named('isimdl-important-random')(context)
    assert isinstance(sampler, FixedSampler)
    for layer in range(len(context.space.layers)):
        own = context.space.layer == layer
        order = np.argsort(context.importance[own])
        assert (np.diff(sampler._elements[own][order]) >= 0).all()
        assert sampler._elements[own].sum() == pytest.approx(0.5)


def test_the_adaptive_sampler_finds_more_than_chance_and_than_the_top_bit(
    enumerated: Enumerated,
) -> None:
    context, damage = enumerated.context, enumerated.damage
    found = {}
    for name in ('uniform', 'top-bit', 'restage'):
        faults = drawn(sampler_named(name)(context), context, damage, 60)
        found[name] = len(np.unique(faults[damage[faults] >= 0.25]))
    assert found['restage'] > found['top-bit']
    assert found['restage'] > 3 * found['uniform']


def test_an_unknown_sampler_is_refused() -> None:
    with pytest.raises(SamplingError, match="sampler 'psychic'; accepted: uniform"):
        sampler_named('psychic')
