# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The hardened detector that comes with the package, beside the one that it was made of."""

from __future__ import annotations

from itertools import islice

import pytest

from restage.detector.bounds import has_bounds
from restage.detector.heldout import evaluate_held_out
from restage.detector.session import EVALUATION_THRESHOLD
from restage.detector.staged import staged
from restage.detector.weights import BUNDLED, SHIPPED, load_network
from restage.sampling.detector_subject import held_out, subject_of
from restage.sampling.engine import Engine
from restage.sampling.space import Fault

HARDENED = SHIPPED['bundled-hardened']


@pytest.fixture(scope='module')
def engines() -> dict[str, Engine]:
    frames = list(islice(held_out(1), 2))
    return {name: Engine(subject_of(load_network(path), frames)) for name, path in SHIPPED.items()}


@pytest.mark.parametrize(
    ('tensor', 'element'),
    [
        ('backbone.0.conv.weight', 100),
        ('neck.smooth_low.conv.weight', 7),
        ('head.tower.conv.weight', 5),
    ],
)
def test_what_is_critical_for_the_one_is_not_for_the_other(
    engines: dict[str, Engine], tensor: str, element: int
) -> None:
    damage = {}
    for name, engine in engines.items():
        site = [one.tensor for one in engine.space.sites].index(tensor)
        damage[name] = engine.run(Fault(site=site, element=element, bit=30))['damage']
    assert damage['bundled'] > 0.9
    assert damage['bundled-hardened'] < 0.25


def test_without_faults_it_finds_as_much() -> None:
    found = {
        name: evaluate_held_out(
            staged(load_network(path), EVALUATION_THRESHOLD), lambda _: None, scenes=1, frames=1
        ).mean
        for name, path in SHIPPED.items()
    }
    assert found['bundled-hardened'] > found['bundled'] - 0.05


def test_it_is_hardly_larger() -> None:
    assert has_bounds(load_network(HARDENED))
    assert HARDENED.stat().st_size < BUNDLED.stat().st_size + 10_000
