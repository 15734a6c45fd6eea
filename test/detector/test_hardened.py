# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The hardened detector that comes with the package, beside the one that it was made of."""

from __future__ import annotations

from itertools import islice

import pytest
import torch

from restage.detector.bounds import has_bounds
from restage.detector.evaluate import Truth, mean_average_precision
from restage.detector.weights import load_network
from restage.sampling.detector_subject import subject_of
from restage.sampling.engine import Engine
from restage.sampling.pictures import held_out
from restage.sampling.space import Fault
from restage.scene import CLASSES
from restage.shipped import BUNDLED, SHIPPED

HARDENED = SHIPPED['bundled-hardened']


@pytest.fixture(scope='module')
def frames() -> list[tuple[torch.Tensor, Truth]]:
    return list(islice(held_out(1), 4))


@pytest.fixture(scope='module')
def engines(frames: list[tuple[torch.Tensor, Truth]]) -> dict[str, Engine]:
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


def test_without_faults_it_finds_as_much(
    engines: dict[str, Engine], frames: list[tuple[torch.Tensor, Truth]]
) -> None:
    truths = [truth for _, truth in frames]
    found = {}
    for name, engine in engines.items():
        detections = [states[-1]['detections'].double().numpy() for states in engine.states]
        found[name], _ = mean_average_precision(detections, truths, len(CLASSES))
    assert found['bundled-hardened'] > found['bundled'] - 0.05


def test_it_is_hardly_larger() -> None:
    assert has_bounds(load_network(HARDENED))
    assert HARDENED.stat().st_size < BUNDLED.stat().st_size + 10_000
