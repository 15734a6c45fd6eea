# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The engine: what fires, when, how often, and what it does to a stage."""

from __future__ import annotations

import time
from threading import Thread

import pytest
import torch

from restage.faults.command import Fault
from restage.faults.effects.hang import MODES
from restage.faults.enums import FaultState, Persistence
from restage.faults.errors import FaultError
from restage.faults.injector import FaultInjector
from restage.faults.record import FaultRecord
from restage.faults.taxonomy import find_kind
from restage.stages.model import StagedModel

ARMED, FIRED, CLEARED, REJECTED = FaultState


def make(kind: str, stage: str = 'neck', **fields) -> Fault:
    fields = {'id': 'f', 'when': find_kind(kind).default_when, **fields}
    return Fault(kind=kind, stage=stage, **fields)


class Bench:
    """A model that is run the way the stage runner does it."""

    def __init__(self, model: StagedModel) -> None:
        self.model = model
        self.records: list[FaultRecord] = []
        self.injector = FaultInjector(model, self.records.append)
        self.state: dict[str, torch.Tensor] = {}

    def stage(self, index: int) -> None:
        stage = self.model.stages[index]
        inputs = {name: self.state[name] for name in stage.inputs}
        inputs = self.injector.before(stage, inputs)
        with self.injector.during(stage), torch.inference_mode():
            outputs = stage.run(inputs)
        self.injector.after(stage, outputs)
        self.state.update(outputs)

    def frame(self, stamp_ns: int) -> dict[str, torch.Tensor]:
        self.injector.begin_frame(stamp_ns)
        self.state = {'image': torch.full((12, 16, 3), 100, dtype=torch.uint8)}
        for index in range(len(self.model.stages)):
            self.stage(index)
        return self.state

    def states(self, fault_id: str = 'f') -> list[FaultState]:
        return [record.state for record in self.records if record.id == fault_id]

    def fired(self) -> FaultRecord:
        (record,) = [record for record in self.records if record.state is FIRED]
        return record


@pytest.fixture
def bench(tiny_model):
    return Bench(tiny_model)


def test_nothing_armed_changes_nothing_and_hands_the_inputs_through(bench, tiny_model):
    inputs = {'x': torch.zeros(1)}
    stage = tiny_model.stages[1]
    assert bench.injector.before(stage, inputs) is inputs
    assert bench.injector.during(stage) is bench.injector.during(stage)
    clean = bench.frame(1)['detections']
    assert torch.equal(bench.frame(2)['detections'], clean)
    assert bench.records == []


def test_with_nothing_armed_no_stage_looks_for_a_fault(bench, monkeypatch):
    looked = []
    monkeypatch.setattr(bench.injector, '_due', lambda stage, when: looked.append(when) or [])
    bench.frame(1)
    assert looked == []
    bench.injector.arm(make('nn.neuron.nan'))
    bench.frame(2)
    assert len(looked) == 3 * len(bench.model.stages)


def test_transient_nan_fires_once_on_the_next_frame_and_not_on_the_retry(bench):
    clean = bench.frame(1)['p'].clone()
    bench.injector.arm(make('nn.neuron.nan', parameters={'count': 4}))
    assert [fault.id for fault in bench.injector.armed] == ['f']
    before = time.monotonic_ns()
    assert bench.frame(2)['p'].isnan().sum() == 4
    assert bench.states() == [ARMED, FIRED, CLEARED]
    record = bench.fired()
    assert (record.stage, record.stamp_ns) == ('neck', 2)
    assert record.detail.count('-> nan') == 4
    assert before < record.monotonic_ns < time.monotonic_ns()
    bench.stage(2)
    assert torch.equal(bench.state['p'], clean)
    bench.frame(3)
    assert len(bench.records) == 3


def test_more_nans_than_elements_fill_the_output(bench):
    bench.injector.arm(make('nn.neuron.nan', parameters={'count': 1_000_000}))
    output = bench.frame(1)['p']
    assert output.isnan().all()
    assert bench.fired().detail.endswith(f'; {output.numel() - 4} more')


def test_armed_in_the_middle_of_a_frame_waits_for_the_next(bench):
    bench.frame(1)
    bench.injector.arm(make('nn.neuron.nan'))
    bench.stage(2)
    assert bench.states() == [ARMED]
    bench.frame(2)
    assert bench.fired().stamp_ns == 2


def test_after_frames_lets_whole_frames_pass(bench):
    bench.injector.arm(make('nn.neuron.nan', after_frames=2))
    for stamp in (1, 1, 2, 3, 4):
        bench.frame(stamp)
    assert bench.fired().stamp_ns == 3


def test_permanent_fires_on_every_frame_and_on_retries_until_cleared(bench):
    bench.injector.arm(make('nn.neuron.nan', persistence=Persistence.PERMANENT))
    bench.frame(1)
    bench.stage(2)
    bench.injector.begin_frame(1)
    bench.stage(2)
    bench.frame(2)
    assert bench.states() == [ARMED, *[FIRED] * 4]
    assert bench.injector.clear('f')
    assert not bench.injector.clear('f')
    bench.frame(3)
    assert bench.states() == [ARMED, *[FIRED] * 4, CLEARED]


def test_intermittent_frames_depend_on_the_seed_alone_and_cover_retries(tiny_model):
    def stamps(seed: int, retries: int) -> set[int]:
        bench = Bench(tiny_model)
        fault = make(
            'nn.neuron.nan', persistence=Persistence.INTERMITTENT, probability=0.3, seed=seed
        )
        bench.injector.arm(fault)
        for stamp in range(1, 61):
            bench.injector.begin_frame(stamp)
            bench.state = {'x': torch.zeros(1, 3, 2, 2), 'c': torch.zeros(1, 4, 2, 2)}
            for _ in range(1 + retries):
                bench.stage(2)
        fired = [record.stamp_ns for record in bench.records if record.state is FIRED]
        assert len(fired) == (1 + retries) * len(set(fired))
        return set(fired)

    assert stamps(1, 0) == stamps(1, 2) != stamps(2, 0)
    assert 8 < len(stamps(1, 0)) < 30


def test_clear_all(bench):
    bench.injector.arm(make('nn.neuron.nan', id='a'))
    bench.injector.arm(make('timing.delay', id='b'))
    assert bench.injector.clear_all()
    bench.frame(1)
    assert bench.states('a') == bench.states('b') == [ARMED, CLEARED]
    assert bench.injector.armed == ()


@pytest.mark.parametrize('persistence', Persistence)
def test_a_hang_is_neither_cleared_nor_told_of_again(bench, monkeypatch, persistence):
    monkeypatch.setitem(MODES, 'python', lambda: None)
    bench.injector.arm(make('timing.hang', persistence=persistence))
    bench.frame(1)
    bench.frame(2)
    assert not bench.injector.clear('f')
    assert bench.states() == [ARMED, FIRED]


def test_an_id_is_accepted_once(bench):
    bench.injector.arm(make('nn.neuron.nan'))
    bench.frame(1)
    with pytest.raises(FaultError, match="id 'f' was used before"):
        bench.injector.arm(make('nn.neuron.nan'))


def test_unknown_stage_and_output_are_refused(bench):
    with pytest.raises(FaultError, match="stage of 'tiny' 'nek'; did you mean 'neck'"):
        bench.injector.arm(make('nn.neuron.nan', 'nek'))
    with pytest.raises(FaultError, match="output of stage 'neck' 'x'; accepted: p"):
        bench.injector.arm(make('nn.neuron.bit_flip', parameters={'tensor': 'x'}))
    with pytest.raises(FaultError, match="output of 'tiny' 'y'; accepted: x, c, p, detections"):
        bench.injector.arm(make('nn.neuron.bit_flip', '', parameters={'tensor': 'y'}))
    assert bench.records == []


def test_an_empty_stage_is_chosen_with_the_seed(tiny_model):
    def chosen(kind: str, seed: int) -> str:
        bench = Bench(tiny_model)
        bench.injector.arm(make(kind, '', seed=seed))
        return bench.records[0].stage

    assert chosen('nn.neuron.nan', 5) == chosen('nn.neuron.nan', 5)
    all_but_last = {'preprocess', 'backbone.0', 'neck'}
    assert {chosen('nn.neuron.nan', seed) for seed in range(30)} == all_but_last
    assert {chosen('timing.delay', seed) for seed in range(40)} == all_but_last | {'decode'}


def test_bit_flip_changes_one_element_as_reported(bench):
    clean = bench.frame(1)['c'].clone()
    bench.injector.arm(
        make('nn.neuron.bit_flip', 'backbone.0', parameters={'bit': 31, 'element': 7})
    )
    output = bench.frame(2)['c']
    flat, old = output.flatten(), clean.flatten()
    assert (flat != old).nonzero().flatten().tolist() == [7]
    assert flat[7] == -old[7]
    assert bench.fired().detail == f'c[7] bit 31: {old[7].item():.9g} -> {flat[7].item():.9g}'


def test_seeded_bit_flip_is_repeatable(tiny_model):
    def detail(seed: int) -> str:
        bench = Bench(tiny_model)
        bench.injector.arm(make('nn.neuron.bit_flip', '', seed=seed))
        bench.frame(1)
        return bench.fired().detail

    assert detail(3) == detail(3)
    assert len({detail(seed) for seed in range(10)}) == 10


def test_what_the_frame_shows_to_be_impossible_is_rejected_then(bench):
    bench.injector.arm(make('nn.neuron.bit_flip', parameters={'bit': 40}))
    bench.frame(1)
    assert bench.states() == [ARMED, REJECTED]
    assert bench.records[-1].detail == 'bit 40 of torch.float32; accepted: 0..31'
    assert bench.injector.armed == ()


def test_an_empty_output_is_waited_out_and_an_integer_one_rejects_nan(bench, tiny_model):
    stage = tiny_model.stages[3]
    bench.injector.arm(make('nn.neuron.nan', 'decode'))
    bench.injector.begin_frame(1)
    bench.injector.after(stage, {'detections': torch.zeros(0, 6)})
    assert bench.states() == [ARMED]
    bench.injector.begin_frame(2)
    bench.injector.after(stage, {'detections': torch.zeros(1, 6, dtype=torch.int32)})
    assert bench.states() == [ARMED, REJECTED]
    assert 'no output with floating-point elements' in bench.records[-1].detail


@pytest.mark.parametrize('stage', ['preprocess', 'backbone.0', 'neck'])
def test_stage_exception_is_the_frameworks_and_leaves_the_inputs_alone(bench, stage):
    bench.injector.arm(make('nn.stage.exception', stage))
    with pytest.raises((RuntimeError, IndexError)):
        bench.frame(1)
    assert bench.states() == [ARMED, FIRED, CLEARED]
    assert 'instead of' in bench.fired().detail
    index = bench.model.index(stage)
    before = {name: tensor.clone() for name, tensor in bench.state.items()}
    bench.stage(index)
    assert all(torch.equal(bench.state[name], tensor) for name, tensor in before.items())


@pytest.mark.parametrize('mode', ['busy', 'sleep'])
@pytest.mark.parametrize('when', ['BEFORE', 'DURING', 'AFTER'])
def test_delay_really_stalls(bench, mode, when):
    from restage.faults.enums import When

    fault = make('timing.delay', when=When[when], parameters={'delay_ms': 30.0, 'mode': mode})
    bench.injector.arm(fault)
    start = time.monotonic_ns()
    bench.frame(1)
    assert time.monotonic_ns() - start >= 30e6
    assert bench.states() == [ARMED, FIRED, CLEARED]
    fired, cleared = bench.records[1:]
    assert cleared.monotonic_ns - fired.monotonic_ns >= 30e6


@pytest.mark.parametrize('mode', ['busy', 'sleep'])
def test_a_stall_leaves_the_interpreter_to_other_threads(bench, mode):
    fault = make('timing.delay', parameters={'delay_ms': 200.0, 'mode': mode})
    bench.injector.arm(fault)
    worker = Thread(target=bench.frame, args=(1,))
    worker.start()
    turns = 0
    while worker.is_alive():
        time.sleep(0.001)
        turns += 1
    assert turns > 2


def test_arming_from_another_thread_while_frames_run(bench):
    def arm() -> None:
        for number in range(50):
            bench.injector.arm(make('nn.neuron.nan', id=f'f{number}'))

    thread = Thread(target=arm)
    thread.start()
    stamp = 0
    while thread.is_alive():
        stamp += 1
        bench.frame(stamp)
    bench.frame(stamp + 1)
    assert all(bench.states(f'f{n}') == [ARMED, FIRED, CLEARED] for n in range(50))
