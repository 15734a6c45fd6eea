# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""``nn.weight.bit_flip``, permanent: one bit of a live weight, which stays flipped."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from restage.detector import load_bundled
from restage.faults.command import Fault
from restage.faults.enums import FaultState, Persistence, When
from restage.faults.errors import FaultError
from restage.faults.injector import FaultInjector
from restage.faults.record import FaultRecord
from restage.stages.model import StagedModel

ARMED, FIRED, CLEARED, REJECTED = FaultState


def make(stage: str = '', *, when: When = When.BEFORE, **fields) -> Fault:
    names = ('tensor', 'element', 'bit')
    parameters = {name: fields.pop(name) for name in names if name in fields}
    fields = {'id': 'f', 'parameters': parameters, 'persistence': Persistence.PERMANENT, **fields}
    return Fault(kind='nn.weight.bit_flip', stage=stage, when=when, **fields)


class Bench:
    """A model of which frames are run, and a clean copy of its weights."""

    def __init__(self, model: StagedModel, *faults: Fault) -> None:
        self.model = model
        self.clean = {name: tensor.clone() for name, tensor in model.weights.items()}
        self.records: list[FaultRecord] = []
        self.injector = FaultInjector(model, self.records.append)
        for fault in faults:
            self.injector.arm(fault)

    def frame(self, stamp_ns: int) -> dict[str, torch.Tensor]:
        self.injector.begin_frame(stamp_ns)
        state = {'image': torch.full((12, 16, 3), 100, dtype=torch.uint8)}
        for stage in self.model.stages:
            inputs = self.injector.before(stage, {name: state[name] for name in stage.inputs})
            with self.injector.during(stage), torch.inference_mode():
                outputs = stage.run(inputs)
            self.injector.after(stage, outputs)
            state.update(outputs)
        return state

    def call(self, stage: str, stamp_ns: int = 1) -> None:
        """Do what is done around ``stage``, without its computation."""
        self.injector.begin_frame(stamp_ns)
        place = self.model.stages[self.model.index(stage)]
        self.injector.before(place, {})
        self.injector.after(place, {})

    def reload(self) -> None:
        with torch.inference_mode():
            for name, tensor in self.model.weights.items():
                tensor.copy_(self.clean[name])

    def changed(self) -> dict[str, int]:
        """Return the number of bits that are not as they were, by the name of the weight."""
        counts = {name: bits_between(self.clean[name], t) for name, t in self.model.weights.items()}
        return {name: count for name, count in counts.items() if count}

    def states(self) -> list[FaultState]:
        return [record.state for record in self.records]


def bits_between(a: torch.Tensor, b: torch.Tensor) -> int:
    pair = [t.detach().contiguous().flatten().view(torch.uint8).numpy() for t in (a, b)]
    return int.from_bytes((pair[0] ^ pair[1]).tobytes(), 'little').bit_count()


def test_the_frame_is_computed_with_the_flipped_weight_and_so_are_all_after_it(tiny_model):
    bench = Bench(tiny_model)
    clean = bench.frame(1)['c'].clone()
    bench.injector.arm(make('backbone.0', element=7, bit=30))
    assert not torch.equal(bench.frame(2)['c'], clean)
    assert not torch.equal(bench.frame(3)['c'], clean)
    assert bench.states() == [ARMED, FIRED]
    assert bench.changed() == {'backbone.0.weight': 1}
    old = bench.clean['backbone.0.weight'].flatten()[7].item()
    new = tiny_model.weights['backbone.0.weight'].flatten()[7].item()
    record = bench.records[1]
    assert record.detail == f'backbone.0.weight[7] bit 30: {old:.9g} -> {new:.9g}'
    assert (record.stage, record.stamp_ns) == ('backbone.0', 2)
    bench.reload()
    assert torch.equal(bench.frame(4)['c'], clean)


def test_after_the_stage_its_own_output_is_still_good(tiny_model):
    bench = Bench(tiny_model)
    clean = bench.frame(1)['c'].clone()
    bench.injector.arm(make('backbone.0', when=When.AFTER, bit=30))
    assert torch.equal(bench.frame(2)['c'], clean)
    assert not torch.equal(bench.frame(3)['c'], clean)


def test_it_happens_once_and_stays_until_the_weights_are_loaded_again(tiny_model):
    bench = Bench(tiny_model, make(seed=4))
    for stamp in range(1, 6):
        bench.frame(stamp)
        assert bench.changed() == {'backbone.0.weight': 1}
    bench.reload()
    bench.frame(6)
    assert bench.states() == [ARMED, FIRED]
    assert bench.changed() == {}
    assert bench.injector.clear('f')


def test_a_model_loaded_anew_is_hit_in_its_own_weights():
    first, second = load_bundled(), load_bundled()
    bench = Bench(first)
    bench.injector.replace_model(second)
    bench.injector.arm(make('neck'))
    bench.call('neck', 1)
    assert bench.changed() == {}
    bench.model = second
    assert sum(bench.changed().values()) == 1


def test_two_faults_in_the_same_bit_are_two_flips(tiny_model):
    place = {'tensor': 'backbone.0.weight', 'element': 3, 'bit': 5}
    bench = Bench(tiny_model, make(id='a', **place), make(id='b', **place))
    bench.frame(1)
    assert bench.states().count(FIRED) == 2
    assert bench.changed() == {}


def test_channels_last_and_grad_do_not_matter(tiny_model):
    weight = torch.randn(4, 3, 3, 3).to(memory_format=torch.channels_last)
    parameter = torch.nn.Parameter(weight)
    model = replace(tiny_model, weights={'neck.weight': parameter})
    bench = Bench(model, make('neck', element=11, bit=31))
    bench.call('neck')
    difference = (parameter.detach().flatten() != bench.clean['neck.weight'].flatten()).nonzero()
    assert difference.flatten().tolist() == [11]
    assert parameter.flatten()[11].item() == -bench.clean['neck.weight'].flatten()[11].item()
    assert parameter.requires_grad
    assert parameter.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize('stage', ['backbone.0', 'backbone.2', 'neck', 'head'])
def test_the_bundled_model_is_hit_in_the_named_stage(stage):
    model = load_bundled()
    for seed in range(5):
        bench = Bench(model, make(stage, seed=seed, id=f'{seed}'))
        bench.call(stage)
        ((name, count),) = bench.changed().items()
        assert name.startswith(f'{stage}.')
        assert count == 1
        bench.reload()


def test_of_the_bundled_model_a_stage_with_weights_is_chosen():
    model = load_bundled()
    chosen = {Bench(model, make(seed=seed)).records[0].stage for seed in range(60)}
    assert chosen == {*(f'backbone.{index}' for index in range(4)), 'neck', 'head'}
    assert Bench(model, make(tensor='neck.low.conv.bias')).records[0].stage == 'neck'


def test_a_stage_without_weights_of_its_own_hits_any(tiny_model):
    bench = Bench(tiny_model, make('decode'))
    bench.call('decode')
    assert bench.changed() == {'backbone.0.weight': 1}


def test_names_that_tell_no_stage_leave_all_to_choose_from(tiny_model):
    model = replace(tiny_model, weights={'a': torch.ones(3), 'b': torch.ones(3)})
    stages = {Bench(model, make(seed=seed)).records[0].stage for seed in range(40)}
    assert stages == {stage.name for stage in model.stages}
    hit = set()
    for seed in range(20):
        bench = Bench(model, make('neck', seed=seed))
        bench.call('neck')
        hit.update(bench.changed())
        bench.reload()
    assert hit == {'a', 'b'}


def test_the_seed_alone_decides(tiny_model):
    def detail(seed: int) -> str:
        bench = Bench(tiny_model, make(seed=seed))
        bench.frame(1)
        bench.reload()
        return bench.records[1].detail

    assert detail(3) == detail(3)
    assert len({detail(seed) for seed in range(10)}) == 10


def test_what_the_model_does_not_have_is_refused(tiny_model):
    with pytest.raises(FaultError, match=r"weight of 'tiny' 'backbone\.0\.weigth'; did"):
        Bench(tiny_model, make(tensor='backbone.0.weigth'))
    with pytest.raises(FaultError, match="stage of 'tiny' 'nek'"):
        Bench(tiny_model, make('nek'))
    for weights in ({}, {'neck.flag': torch.ones(1, dtype=torch.bool)}, {'e': torch.ones(0)}):
        with pytest.raises(FaultError, match="'tiny' has no weights whose bits can be flipped"):
            Bench(replace(tiny_model, weights=weights), make())


@pytest.mark.parametrize(
    ('place', 'message'),
    [
        ({'element': 108}, r'element 108 of a tensor of shape (4, 3, 3, 3); accepted: 0..107'),
        ({'bit': 32}, 'bit 32 of torch.float32; accepted: 0..31'),
    ],
)
def test_no_such_element_or_bit_is_rejected_at_the_frame(tiny_model, place, message):
    bench = Bench(tiny_model, make('backbone.0', **place))
    bench.frame(1)
    assert bench.states() == [ARMED, REJECTED]
    assert bench.records[-1].detail == message
    assert bench.changed() == {}
