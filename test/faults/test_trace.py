# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A recorded trace is played again: same frames, same cells, same values."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from restage.faults.command import Fault
from restage.faults.enums import FaultState, Persistence, When
from restage.faults.errors import FaultError
from restage.faults.injector import FaultInjector
from restage.faults.record import FaultRecord
from restage.faults.trace import Replay, TraceWriter, load_playable, read_trace
from restage.stages.model import StagedModel
from restage.stages.runner import StageRunner


def run(model: StagedModel, faults: list[Fault], frames: range, writer=None, runs: int = 1):
    """Run each frame so many times with faults; return what fired and the outputs."""
    records: list[FaultRecord] = []

    def note(record: FaultRecord) -> None:
        if record.state is FaultState.FIRED:
            records.append(record)
            if writer is not None:
                writer.fired(record)

    injector = FaultInjector(model, note)
    for fault in faults:
        if writer is not None:
            writer.commanded(fault)
        injector.arm(fault)
    runner = StageRunner(model, hook=injector)
    outputs = []
    for stamp in frames:
        injector.begin_frame(stamp)
        for _ in range(runs):
            state = runner.run_all(torch.full((12, 16, 3), stamp, dtype=torch.uint8))
        injector.end_frame()
        outputs.append(state['detections'])
    return [(r.kind, r.stage, r.stamp_ns, r.detail) for r in records], outputs


FAULTS = [
    Fault(id='a', kind='nn.neuron.nan', when=When.AFTER, stage='neck', seed=1,
          persistence=Persistence.INTERMITTENT, probability=0.4),
    Fault(id='b', kind='nn.weight.bit_flip', when=When.BEFORE, seed=2, after_frames=3),
    Fault(id='c', kind='nn.neuron.bit_flip', when=When.AFTER, seed=3,
          persistence=Persistence.INTERMITTENT, probability=0.3, parameters={'bit': 30}),
    Fault(id='d', kind='nn.weight.stuck_at_1', when=When.BEFORE, seed=4, after_frames=6,
          persistence=Persistence.INTERMITTENT, probability=0.5),
]  # fmt: skip


@pytest.mark.parametrize('runs', [1, 2, 3])
def test_it_fires_again_on_the_same_frames_in_the_same_places(tiny_model, tmp_path, runs):
    """Also on frames that are run again after an error: once in each of the runs."""
    path = tmp_path / 'trace.jsonl'
    first, outputs = run(tiny_model, FAULTS, range(1, 30), TraceWriter(path), runs)
    assert len(first) > 12
    again = [fault for _, fault in Replay(path).schedule()]
    assert len(again) == len(first)
    second, repeated = run(tiny_model, again, range(1, 30), runs=runs)
    assert sorted(second) == sorted(first)
    assert [d for _, d, _ in read_trace(path)] == [detail for *_, detail in first]
    for one, other in zip(outputs, repeated, strict=True):
        assert torch.equal(one.view(torch.int32), other.view(torch.int32))


def test_a_fault_whose_frame_never_comes_is_cleared(tiny_model):
    records: list[FaultRecord] = []
    injector = FaultInjector(tiny_model, records.append)
    injector.arm(Fault(id='x', kind='nn.neuron.nan', when=When.AFTER, frame_ns=5))
    for stamp in (3, 4, 6):
        injector.begin_frame(stamp)
    assert [record.state for record in records] == [FaultState.ARMED, FaultState.CLEARED]
    assert 'its frame 5 is over' in records[-1].detail


def test_an_unknown_fault_leaves_no_line(tmp_path):
    writer = TraceWriter(tmp_path / 't.jsonl')
    writer.fired(FaultRecord(id='x', kind='proc.kill', state=FaultState.FIRED))
    assert read_trace(tmp_path / 't.jsonl') == []


def test_a_second_run_has_ids_of_its_own(tiny_model, tmp_path):
    path = tmp_path / 'trace.jsonl'
    run(tiny_model, FAULTS, range(1, 30), TraceWriter(path))
    first, second = ({fault.id for _, fault in Replay(path).schedule(n)} for n in (1, 2))
    assert first.isdisjoint(second)


@pytest.mark.parametrize(
    'content',
    [
        '',
        'nonsense',
        '{"schema": 2}',
        '{"schema": 1}\n[]',
        '{"schema": 1}\n{"kind": "proc.kill"}',
        '{"schema": 1}\n{"detail": "", "when": "never", "persistence": "transient"}',
    ],
)
def test_what_is_no_trace_is_refused(tmp_path: Path, content):
    path = tmp_path / 't.jsonl'
    path.write_text(content)
    with pytest.raises(FaultError, match=r't\.jsonl'):
        load_playable(str(path))


def test_everything_else_is_a_scenario(tmp_path):
    with pytest.raises(FaultError, match='cannot be read'):
        load_playable(str(tmp_path / 'nowhere.yaml'))
