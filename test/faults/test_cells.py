# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Altered cells of outputs and weights: which bits, for how long."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from restage.faults.bits import encode, raw_of, width, write_raw
from restage.faults.command import Fault
from restage.faults.enums import FaultState, Persistence, When
from restage.faults.errors import FaultError
from restage.faults.injector import FaultInjector
from restage.faults.record import FaultRecord
from restage.stages.model import StagedModel

FLOATS = [torch.float32, torch.float16, torch.bfloat16, torch.float64]
INTEGERS = [torch.int8, torch.uint8, torch.int16, torch.int32, torch.int64]


class Bench:
    """A model with faults, run stage by stage."""

    def __init__(self, model: StagedModel, *faults: Fault) -> None:
        self.model = model
        self.records: list[FaultRecord] = []
        self.injector = FaultInjector(model, self.records.append)
        self.clean = model.digest()
        for fault in faults:
            self.injector.arm(fault)

    def frame(self, stamp: int) -> dict[str, torch.Tensor]:
        self.injector.begin_frame(stamp)
        state = {'image': torch.full((12, 16, 3), 100, dtype=torch.uint8)}
        for stage in self.model.stages:
            inputs = self.injector.before(stage, {name: state[name] for name in stage.inputs})
            with self.injector.during(stage), torch.inference_mode():
                outputs = stage.run(inputs)
            self.injector.after(stage, outputs)
            state.update(outputs)
        self.during = self.model.digest()
        self.injector.end_frame()
        return state

    def fired(self) -> int:
        return sum(record.state is FaultState.FIRED for record in self.records)


def make(kind: str, persistence=Persistence.TRANSIENT, stage='backbone.0', **parameters) -> Fault:
    when = When.BEFORE if 'weight' in kind else When.AFTER
    return Fault(
        id='f', kind=kind, stage=stage, when=when, persistence=persistence, parameters=parameters
    )


@pytest.mark.parametrize('dtype', FLOATS + INTEGERS, ids=str)
@given(data=st.data())
def test_bits_that_are_written_are_there(dtype, data):
    tensor = torch.zeros(3, dtype=dtype)
    raw = data.draw(st.integers(0, 2 ** width(dtype) - 1))
    write_raw(tensor, 1, raw)
    assert raw_of(tensor, 1) == raw
    assert raw_of(tensor, 0) == raw_of(tensor, 2) == 0


@pytest.mark.parametrize('dtype', FLOATS, ids=str)
def test_a_float_is_encoded_as_its_type_rounds_it(dtype):
    for value in (0.0, -1.5, 0.1, 300.0, math.inf):
        tensor = torch.zeros(1, dtype=dtype)
        write_raw(tensor, 0, encode(dtype, value))
        assert tensor.item() == torch.tensor(value, dtype=torch.float64).to(dtype).item()


@pytest.mark.parametrize(
    ('dtype', 'value', 'wanted'),
    [
        (torch.int8, 300.0, 127),
        (torch.int8, -300.0, -128),
        (torch.uint8, -1.0, 0),
        (torch.int8, 2.6, 3),
        (torch.int32, math.inf, 2**31 - 1),
    ],
)
def test_integers_saturate(dtype, value, wanted):
    tensor = torch.zeros(1, dtype=dtype)
    write_raw(tensor, 0, encode(dtype, value))
    assert tensor.item() == wanted


def test_nan_is_no_integer():
    with pytest.raises(FaultError, match=r'NaN in torch\.int8; accepted: a number'):
        encode(torch.int8, math.nan)


@pytest.mark.parametrize(
    ('kind', 'parameters'),
    [
        ('nn.weight.bit_flip', {'bit': 30}),
        ('nn.weight.stuck_at_1', {'bit': 30}),
        ('nn.weight.set_value', {'value': 77.0}),
    ],
)
def test_a_transient_fault_in_a_weight_leaves_no_trace_after_the_frame(
    tiny_model, kind, parameters
):
    bench = Bench(tiny_model)
    clean = bench.frame(1)['c'].clone()
    bench.injector.arm(make(kind, **parameters))
    assert not torch.equal(bench.frame(2)['c'], clean)
    assert bench.during != bench.clean
    assert tiny_model.digest() == bench.clean
    assert torch.equal(bench.frame(3)['c'], clean)
    assert bench.fired() == 1


def test_an_intermittent_one_comes_back_in_the_same_place_and_goes_again(tiny_model):
    bench = Bench(tiny_model, make('nn.weight.bit_flip', Persistence.INTERMITTENT, bit=30))
    for stamp in range(1, 5):
        bench.frame(stamp)
        assert bench.during != bench.clean
        assert tiny_model.digest() == bench.clean
    assert bench.fired() == 4
    assert len({record.detail for record in bench.records if record.state is FaultState.FIRED}) == 1


def test_what_somebody_repaired_within_the_frame_is_left_alone(tiny_model):
    bench = Bench(tiny_model, make('nn.weight.bit_flip', bit=30, element=3))
    weight = tiny_model.weights['backbone.0.weight']
    was = raw_of(weight, 3)
    bench.injector.begin_frame(1)
    stage = tiny_model.stages[tiny_model.index('backbone.0')]
    bench.injector.before(stage, {})
    assert raw_of(weight, 3) != was
    write_raw(weight, 3, was)
    bench.injector.end_frame()
    assert tiny_model.digest() == bench.clean


def test_a_stuck_bit_that_has_that_value_already_fires_and_changes_nothing(tiny_model):
    weight = tiny_model.weights['backbone.0.weight']
    bit = next(n for n in range(32) if raw_of(weight, 0) >> n & 1)
    bench = Bench(tiny_model, make('nn.weight.stuck_at_1', element=0, bit=bit))
    bench.frame(1)
    assert bench.fired() == 1
    assert bench.during == bench.clean


def test_a_broken_cell_is_broken_again_after_the_weights_are_loaded_anew(tiny_model):
    bench = Bench(
        tiny_model, make('nn.weight.stuck_at_1', Persistence.PERMANENT, bit=30, element=1)
    )
    weight = tiny_model.weights['backbone.0.weight']
    was = raw_of(weight, 1)
    bench.frame(1)
    assert tiny_model.digest() != bench.clean
    bench.frame(2)
    assert bench.fired() == 1
    write_raw(weight, 1, was)
    bench.frame(3)
    assert bench.fired() == 2
    assert raw_of(weight, 1) >> 30 & 1


@pytest.mark.parametrize(('value', 'bit'), [(0, 31), (1, 31), (0, 22), (1, 30)])
def test_a_stuck_neuron_has_its_bit_on_every_frame(tiny_model, value, bit):
    fault = make('nn.neuron.stuck_at', Persistence.PERMANENT, value=value, bit=bit, element=5)
    bench = Bench(tiny_model, fault)
    for stamp in (1, 2):
        output = bench.frame(stamp)[tiny_model.stages[1].outputs[0]]
        assert raw_of(output, 5) >> bit & 1 == value
    assert bench.fired() == 2


def test_a_value_is_set(tiny_model):
    bench = Bench(tiny_model, make('nn.neuron.set_value', value=-12.5, element=2))
    output = bench.frame(1)[tiny_model.stages[1].outputs[0]]
    assert output.flatten()[2].item() == -12.5
