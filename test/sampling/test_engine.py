# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
import torch

from restage.sampling.classifier.networks import VGG, ResNet, stages_of
from restage.sampling.engine import Engine
from restage.sampling.fault_model import FaultModel
from restage.sampling.storage import FORMATS, Storage
from restage.sampling.subject import Subject
from restage.stages.model import Stage, State

from .tiny import random_classifier, two_layers


def some(engine: Engine, count: int) -> list[int]:
    """Numbers of faults; every second one in the highest bits, where they do harm."""
    rng = np.random.default_rng(5)
    top = engine.space.positions
    numbers = rng.integers(0, engine.space.size, count)
    numbers[::2] = numbers[::2] // top * top + top - 1 - rng.integers(0, 3, len(numbers[::2]))
    found: list[int] = numbers.tolist()
    return found


@pytest.mark.parametrize('make', [ResNet, VGG])
def test_the_stages_make_what_the_network_makes(make: type[ResNet | VGG]) -> None:
    subject = random_classifier(make)
    state = dict(subject.inputs[0])
    for stage in subject.stages:
        state.update(stage.run(state))
    assert torch.equal(state['logits'], subject.whole(subject.inputs[0])['logits'])
    weights = {name for stage in subject.stages for name in stage.weights}
    assert weights == set(subject.weights)
    assert len(stages_of(make())) == len(subject.stages)


@pytest.mark.parametrize('make', [ResNet, VGG])
@pytest.mark.parametrize('target', ['weights', 'neurons'])
@pytest.mark.parametrize('name', FORMATS)
def test_each_fault_has_the_outcome_of_the_naive_run(
    make: type[ResNet | VGG], target: str, name: str
) -> None:
    engine = Engine(random_classifier(make), target, storage=Storage(name))
    harm = 0
    for number in some(engine, 24):
        fault = engine.space.fault(number)
        figures = engine.run(fault)
        assert figures == engine.run_naively(fault)
        harm += figures != engine.clean
    assert harm


@pytest.mark.parametrize('kind', ['flip', 'stuck_at_0', 'stuck_at_1'])
def test_other_faults_have_the_outcome_of_the_naive_run(kind: str) -> None:
    engine = Engine(random_classifier(VGG), model=FaultModel(kind=kind, bits=2))
    for number in some(engine, 20):
        fault = engine.space.fault(number)
        assert engine.run(fault) == engine.run_naively(fault)


def test_nothing_of_a_fault_is_left() -> None:
    subject = random_classifier(ResNet)
    before = {name: tensor.clone() for name, tensor in subject.weights.items()}
    engine = Engine(subject)
    for number in some(engine, 20):
        engine.run(engine.space.fault(number))
    assert all(torch.equal(before[name], tensor) for name, tensor in subject.weights.items())


def test_what_lies_before_a_fault_is_not_run() -> None:
    subject = two_layers()
    ran: list[str] = []
    for stage in subject.stages:
        inner = stage.run

        def run(state, inner=inner, name=stage.name):  # type: ignore[no-untyped-def]
            ran.append(name)
            return inner(state)

        object.__setattr__(stage, 'run', run)
    engine = Engine(subject)
    ran.clear()
    site = next(n for n, one in enumerate(engine.space.sites) if one.tensor == '2.weight')
    element = int(np.flatnonzero(engine.space.site == site)[0])
    engine.run(engine.space.fault(element * 32 + 31))
    assert ran == ['out']


def test_a_fault_that_changes_nothing_ends_where_it_is_seen() -> None:
    """A weight of a hidden neuron that is off for every picture."""
    subject = two_layers()
    subject.weights['0.bias'][0] = -1000.0
    engine = Engine(subject)
    ran: list[str] = []
    out = subject.stages[1]
    inner = out.run

    def run(state):  # type: ignore[no-untyped-def]
        ran.append('out')
        return inner(state)

    object.__setattr__(out, 'run', run)
    assert engine.run(engine.space.fault(0 * 32 + 10)) == engine.clean
    assert not ran


def shared() -> Subject:
    """A weight of three that two stages read; in the first, what its last element does is lost."""
    w = torch.tensor([1.0, 2.0, 3.0])

    def first(state: Mapping[str, torch.Tensor]) -> State:
        return {'h': (state['x'] * w)[:, :2], 'count': torch.tensor([2])}

    def second(state: Mapping[str, torch.Tensor]) -> State:
        return {'y': torch.cat([state['h'], w[None, 2:]], dim=1)[:, : state['count'][0] + 1]}

    def judge(outputs: Sequence[State]) -> dict[str, float]:
        return {'damage': float((outputs[0]['y'] != torch.tensor([1.0, 2.0, 3.0])).sum()) / 3}

    return Subject(
        name='shared',
        stages=(
            Stage(name='1', inputs=('x',), outputs=('h', 'count'), run=first, weights=('w',)),
            Stage(name='2', inputs=('h', 'count'), outputs=('y',), run=second, weights=('w',)),
        ),
        weights={'w': w},
        inputs=({'x': torch.ones(1, 3)},),
        pictures=1,
        judge=judge,
        whole=second,
        gradients=dict,
    )


@pytest.mark.parametrize('name', ['fp32', 'int8'])
def test_a_weight_of_two_stages_is_one_place_and_followed_to_the_last(name: str) -> None:
    engine = Engine(shared(), storage=Storage(name))
    assert [(site.tensor, site.stage) for site in engine.space.sites] == [('w', 0)]
    faults = [engine.space.fault(number) for number in range(engine.space.size)]
    found = [engine.run(fault) for fault in faults]
    assert found == [engine.run_naively(fault) for fault in faults]
    assert found[-2]['damage'] > engine.clean['damage']  # a high bit of what stage 1 has no use for


def test_only_numbers_of_the_network_are_hit() -> None:
    space = Engine(shared(), 'neurons').space
    assert [(site.tensor, site.shape) for site in space.sites] == [('h', (2,)), ('y', (3,))]
