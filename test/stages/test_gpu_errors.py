# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What an engine does about errors of a GPU, raised in a stage."""

from __future__ import annotations

import pytest
import torch

from restage.accelerator.failure import ContextLostError
from restage.stages import healer
from restage.stages.commands import Tier

EPOCH = 3
LOST = 'CUDA error: an illegal memory access was encountered'


def lost(_: dict[str, torch.Tensor]) -> None:
    raise torch.AcceleratorError(LOST)


def no_memory(_: dict[str, torch.Tensor]) -> None:
    raise torch.cuda.OutOfMemoryError('CUDA out of memory. Tried to allocate 2.00 GiB.')


@pytest.fixture
def given_back(monkeypatch) -> list[str]:
    """The states of the frame when memory was given back."""
    calls: list[str] = []
    monkeypatch.setattr(healer, 'give_memory_back', lambda: calls.append('given back'))
    return calls


@pytest.mark.parametrize('answers', [(), ((Tier.DROP_FRAME, -1),), ((Tier.RETRY_STAGE, 1),)])
def test_a_lost_context_is_reported_once_and_ends_the_work(make, job, commander, answers):
    bench = make(deadline_s=0.05)
    bench.faults.add('neck', lost, times=10)
    commander.answer(bench, *answers)
    with pytest.raises(ContextLostError, match=r"stage 'neck': backend_lost: .*illegal memory"):
        bench.engine.process(job, EPOCH)
    (error,) = bench.outlet.reports
    assert (error.detector, error.stage, error.checkpoint) == ('backend_lost', 'neck', 1)
    assert bench.outlet.published == []


def test_the_frame_is_left_in_flight_for_who_takes_over(make_stored, job):
    bench = make_stored(deadline_s=0.01)
    bench.faults.add('neck', lost)
    with pytest.raises(ContextLostError):
        bench.engine.process(job, EPOCH)
    assert bench.progress().in_flight
    names = bench.runner.model.live_after
    assert bench.reader().restore(job.stamp_ns, names, at_most=9).boundary == 1


def test_of_a_lost_context_no_weights_are_asked_for(make, job, monkeypatch):
    bench = make(deadline_s=0.01, guarded=True)
    monkeypatch.setattr(bench.weights, 'check_all', lambda: pytest.fail('asked'))
    bench.faults.add('neck', lost)
    with pytest.raises(ContextLostError):
        bench.engine.process(job, EPOCH)


@pytest.mark.parametrize('ordered', [True, False])
def test_without_memory_the_stage_runs_again_with_what_was_given_back(
    make, job, clean, commander, given_back, ordered
):
    bench = make(deadline_s=10.0 if ordered else 0.02)
    bench.faults.add('neck', no_memory)
    if ordered:
        commander.answer(bench, (Tier.RETRY_STAGE, 1))
    assert bench.engine.process(job, EPOCH)
    assert given_back == ['given back']
    assert next(report.detector for report in bench.outlet.reports) == 'gpu_memory'
    ((_, _, detections),) = bench.outlet.published
    assert torch.equal(detections, clean['detections'])


def test_another_error_gives_no_memory_back(make, job, spoil, given_back):
    bench = make(deadline_s=0.02)
    bench.faults.add('neck', spoil['raise'])
    assert bench.engine.process(job, EPOCH)
    assert given_back == []


def test_what_an_error_kept_alive_is_gone_when_memory_is_given_back(make, job, monkeypatch):
    """Else the tensors of the failed run would still be there: the retry would have less room."""
    import gc
    import weakref

    kept: list[weakref.ref[torch.Tensor]] = []

    def no_room(outputs: dict[str, torch.Tensor]) -> None:
        kept.append(weakref.ref(outputs['p']))
        no_memory(outputs)

    alive: list[bool] = []
    monkeypatch.setattr(healer, 'give_memory_back', lambda: alive.append(kept[0]() is not None))
    gc.disable()
    try:
        bench = make(deadline_s=0.02)
        bench.faults.add('neck', no_room)
        assert bench.engine.process(job, EPOCH)
    finally:
        gc.enable()
    assert alive == [False]


def test_a_checkpoint_without_memory_costs_no_frame(make, job, clean, monkeypatch):
    bench = make()

    def commit(*_: object) -> None:
        no_memory({})

    monkeypatch.setattr(bench.keeper, 'commit', commit)
    assert bench.engine.process(job, EPOCH)
    assert torch.equal(bench.outlet.published[0][2], clean['detections'])
    assert 'no checkpoint of frames like this: CUDA out of memory' in bench.outlet.warnings[0]
