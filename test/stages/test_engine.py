# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from restage.checkpoint.boundaries import NO_CHECKPOINT
from restage.checkpoint.errors import NoCheckpointError
from restage.checkpoint.progress import FrameState, Progress
from restage.stages.commands import Tier

RETRY, DROP = Tier.RETRY_STAGE, Tier.DROP_FRAME
EPOCH = 3


def detections_of(bench) -> torch.Tensor:
    ((_, _, detections),) = bench.outlet.published
    return detections


# Without a fault


def test_a_frame_without_a_fault_is_published_under_its_stamp_and_nothing_reported(
    make, job, clean
) -> None:
    bench = make()
    assert bench.engine.process(job, EPOCH)
    ((stamp_ns, frame_id, detections),) = bench.outlet.published
    assert (stamp_ns, frame_id) == (1_000, 'front')
    assert torch.equal(detections, clean['detections'])
    assert bench.outlet.reports == []
    assert bench.faults.frames == [1_000]


@pytest.mark.parametrize('boundaries', [(), (-1,), (1,), (-1, 0, 1, 2, 3)])
def test_checkpoints_anywhere_do_not_change_the_detections(make, job, clean, boundaries) -> None:
    bench = make(boundaries)
    assert bench.engine.process(job, EPOCH)
    assert torch.equal(detections_of(bench), clean['detections'])


def test_every_stage_and_the_frame_are_reported_on_request(make, job) -> None:
    bench = make(report_every=1)
    bench.engine.process(job, EPOCH)
    reports = bench.outlet.reports
    assert bench.outlet.states == ['DONE'] * 4 + ['PUBLISHED']
    assert [report.stage for report in reports[:4]] == [
        'preprocess',
        'backbone.0',
        'neck',
        'decode',
    ]
    assert all(report.duration_ns > 0 for report in reports)
    assert reports[4].duration_ns >= sum(report.duration_ns for report in reports[:4])


def test_a_frame_with_neither_an_image_nor_a_start_is_refused(make, job) -> None:
    with pytest.raises(ValueError, match='frame 1000 has neither an image nor a checkpoint'):
        make().engine.process(replace(job, image=None), EPOCH)


# Soft errors


@pytest.mark.parametrize('stage', ['preprocess', 'backbone.0', 'neck', 'decode'])
@pytest.mark.parametrize('fault', ['nan', 'raise'])
def test_a_soft_fault_and_an_order_give_the_detections_of_the_fault_free_run(
    make, job, clean, commander, spoil, stage: str, fault: str
) -> None:
    bench = make()
    bench.faults.add(stage, spoil[fault])
    index = ['preprocess', 'backbone.0', 'neck', 'decode'].index(stage)
    commander.answer(bench, (RETRY, index - 1))
    assert bench.engine.process(job, EPOCH)
    assert torch.equal(detections_of(bench), clean['detections'])
    assert commander.taken == [True]
    assert bench.outlet.states == ['ERROR', 'RESUMED']
    error, resumed = bench.outlet.reports
    assert (error.stage, error.stage_index, error.attempt) == (stage, index, 0)
    assert error.detector == {'nan': 'finite', 'raise': 'exception'}[fault]
    assert error.checkpoint == index - 1
    assert (resumed.stage, resumed.attempt, resumed.checkpoint) == (stage, 1, index - 1)
    assert error.monotonic_ns <= resumed.restored_ns <= resumed.monotonic_ns
    assert bench.faults.frames == [1_000]  # one frame, two tries


def test_stages_of_every_third_frame_are_reported_and_those_after_an_error(
    make, job, commander, spoil
) -> None:
    bench = make(report_every=3)
    for stamp in (1_000, 2_000, 3_000, 4_000):
        bench.engine.process(replace(job, stamp_ns=stamp), EPOCH)
    told = {report.stamp_ns for report in bench.outlet.reports if report.state.name == 'DONE'}
    assert told == {1_000, 4_000}
    bench.faults.add('decode', spoil['nan'])
    commander.answer(bench, (RETRY, 2))
    bench.engine.process(replace(job, stamp_ns=5_000), EPOCH)
    done = [(r.stage, r.stamp_ns) for r in bench.outlet.reports if r.state.name == 'DONE']
    assert done[-1] == ('decode', 5_000)


def test_a_retry_runs_no_stage_before_its_boundary_again(make, job, commander, spoil) -> None:
    bench = make(report_every=1)
    bench.faults.add('decode', spoil['nan'])
    commander.answer(bench, (RETRY, 2))
    bench.engine.process(job, EPOCH)
    done = [(r.stage, r.attempt) for r in bench.outlet.reports if r.state.name == 'DONE']
    assert done == [('preprocess', 0), ('backbone.0', 0), ('neck', 0), ('decode', 1)]


def test_a_retry_resumes_from_the_latest_checkpoint_up_to_the_boundary_ordered(
    make, job, clean, commander, spoil
) -> None:
    bench = make((-1, 0))
    bench.faults.add('decode', spoil['nan'])
    commander.answer(bench, (RETRY, 2))
    bench.engine.process(job, EPOCH)
    assert bench.outlet.reports[1].checkpoint == 0
    assert torch.equal(detections_of(bench), clean['detections'])


def test_without_any_checkpoint_the_frame_starts_anew_from_its_image(
    make, job, clean, commander, spoil
) -> None:
    bench = make(())
    bench.faults.add('neck', spoil['raise'])
    commander.answer(bench, (RETRY, -1))
    assert bench.engine.process(job, EPOCH)
    error, resumed = bench.outlet.reports
    assert (error.checkpoint, resumed.checkpoint) == (NO_CHECKPOINT, -1)
    assert torch.equal(detections_of(bench), clean['detections'])


def test_without_an_order_the_engine_retries_once_by_itself(make, job, clean, spoil) -> None:
    bench = make(deadline_s=0.001)
    bench.faults.add('neck', spoil['nan'])
    assert bench.engine.process(job, EPOCH)
    assert bench.outlet.states == ['ERROR', 'RESUMED']
    assert torch.equal(detections_of(bench), clean['detections'])


def test_without_an_order_an_error_that_persists_costs_the_frame_and_is_said(
    make, job, spoil
) -> None:
    bench = make(deadline_s=0.001)
    bench.faults.add('neck', spoil['nan'], times=99)
    assert not bench.engine.process(job, EPOCH)
    assert bench.outlet.published == []
    assert bench.outlet.states == ['ERROR', 'RESUMED', 'ERROR', 'DROPPED']
    dropped = bench.outlet.reports[-1]
    assert dropped.detector == 'finite'
    assert dropped.error.startswith("no order came in time; stage 'neck': finite: output 'p'")


def test_a_dropped_frame_does_not_cost_the_next_one(make, job, clean, spoil) -> None:
    bench = make(deadline_s=0.001)
    bench.faults.add('neck', spoil['nan'], times=2)
    assert not bench.engine.process(job, EPOCH)
    assert bench.engine.process(replace(job, stamp_ns=2_000), EPOCH)
    assert torch.equal(detections_of(bench), clean['detections'])


def test_orders_are_obeyed_beyond_the_tries_the_engine_has_by_itself(
    make, job, clean, commander, spoil
) -> None:
    bench = make()
    bench.faults.add('neck', spoil['raise'], times=3)
    commander.answer(bench, (RETRY, 1), (RETRY, -1), (RETRY, -1))
    assert bench.engine.process(job, EPOCH)
    assert [r.attempt for r in bench.outlet.reports] == [0, 1, 1, 2, 2, 3]
    assert torch.equal(detections_of(bench), clean['detections'])


def test_an_ordered_drop_gives_the_frame_up_at_once(make, job, commander, spoil) -> None:
    bench = make()
    bench.faults.add('neck', spoil['nan'])
    commander.answer(bench, (DROP, NO_CHECKPOINT))
    assert not bench.engine.process(job, EPOCH)
    assert bench.outlet.published == []
    assert bench.outlet.states == ['ERROR', 'DROPPED']
    assert bench.outlet.reports[-1].error.startswith('the recovery node said so; ')


def test_a_poisoned_checkpoint_is_got_rid_of_by_an_order_for_the_image(
    make, job, clean, commander, spoil
) -> None:
    bench = make()
    bench.faults.add('backbone.0', spoil['large'])  # finite, so only neck's range shows it
    commander.answer(bench, (RETRY, 1), (RETRY, -1))
    assert bench.engine.process(job, EPOCH)
    said = [(r.state.name, r.detector, r.checkpoint) for r in bench.outlet.reports]
    assert said == [
        ('ERROR', 'range', 1),
        ('RESUMED', '', 1),
        ('ERROR', 'range', 1),
        ('RESUMED', '', -1),
    ]
    assert torch.equal(detections_of(bench), clean['detections'])


def test_after_the_order_for_the_image_the_store_holds_no_poison(
    make_stored, job, clean, commander, spoil, tiny_model
) -> None:
    bench = make_stored()
    bench.faults.add('backbone.0', spoil['large'])
    commander.answer(bench, (RETRY, 1), (RETRY, -1))
    bench.engine.process(job, EPOCH)
    for boundary in (0, 1, 2):
        restored = bench.reader().restore(1_000, tiny_model.live_after, at_most=boundary)
        assert restored.boundary == boundary
        for name, tensor in restored.tensors.items():
            assert torch.equal(tensor, clean[name])


def test_without_a_checkpoint_of_the_image_the_store_holds_no_poison_either(
    make_stored, job, clean, commander, spoil, tiny_model
) -> None:
    bench = make_stored((0, 1, 2))
    bench.faults.add('backbone.0', spoil['large'])
    commander.answer(bench, (RETRY, 1), (RETRY, -1))
    assert bench.engine.process(job, EPOCH)
    assert torch.equal(detections_of(bench), clean['detections'])
    restored = bench.reader().restore(1_000, tiny_model.live_after, at_most=1)
    assert torch.equal(restored.tensors['c'], clean['c'])


# Another node's frame


def dead_node(make_stored, job, spoil, death, stage: str, name: str = 'a', start=None):
    """A node that died right behind ``stage``, before its checkpoint."""
    bench = make_stored(name=name)
    bench.faults.add(stage, spoil['die'])
    with pytest.raises(death):
        bench.engine.process(job, EPOCH, start, resumed=start is not None)
    assert bench.outlet.published == []
    return bench


@pytest.mark.parametrize('stage', ['preprocess', 'backbone.0', 'neck', 'decode'])
def test_a_frame_of_a_dead_node_is_finished_bit_for_bit(
    make_stored, job, clean, spoil, death, tiny_model, stage: str
) -> None:
    dead = dead_node(make_stored, job, spoil, death, stage)
    index = tiny_model.index(stage)
    start = dead.reader().restore(1_000, tiny_model.live_after, at_most=62)
    assert start.boundary == index - 1
    heir = make_stored(name='b')
    assert heir.engine.process(replace(job, image=None), EPOCH + 1, start, resumed=True)
    assert torch.equal(detections_of(heir), clean['detections'])
    (resumed,) = heir.outlet.reports
    assert (resumed.state.name, resumed.stage) == ('RESUMED', stage)
    assert (resumed.checkpoint, resumed.restored_ns) == (index - 1, job.received_ns)


def test_a_frame_all_of_whose_stages_are_done_is_only_published(
    make_stored, job, clean, spoil, death, tiny_model
) -> None:
    dead = make_stored((3,))

    def die() -> None:
        raise death

    dead.outlet.on_publish = die
    with pytest.raises(death):
        dead.engine.process(job, EPOCH)
    start = dead.reader().restore(1_000, tiny_model.live_after, at_most=62)
    heir = make_stored(name='b', report_every=1)
    assert heir.engine.process(replace(job, image=None), EPOCH + 1, start, resumed=True)
    assert heir.outlet.states == ['RESUMED', 'PUBLISHED']
    assert torch.equal(detections_of(heir), clean['detections'])


def test_a_second_death_on_the_same_frame_is_survived(
    make_stored, job, clean, spoil, death, tiny_model
) -> None:
    first = dead_node(make_stored, job, spoil, death, 'neck')
    start = first.reader().restore(1_000, tiny_model.live_after, at_most=62)
    resumed = replace(job, image=None)
    second = dead_node(make_stored, resumed, spoil, death, 'neck', name='b', start=start)
    start = second.reader().restore(1_000, tiny_model.live_after, at_most=62)
    assert start.boundary == 1
    third = make_stored(name='c')
    assert third.engine.process(resumed, EPOCH + 2, start, resumed=True)
    assert torch.equal(detections_of(third), clean['detections'])


def test_a_soft_error_on_a_resumed_frame_is_survived(
    make_stored, job, clean, spoil, death, tiny_model, commander
) -> None:
    dead = dead_node(make_stored, job, spoil, death, 'neck')
    start = dead.reader().restore(1_000, tiny_model.live_after, at_most=62)
    heir = make_stored(name='b')
    heir.faults.add('neck', spoil['nan'])
    commander.answer(heir, (RETRY, 1))
    assert heir.engine.process(replace(job, image=None), EPOCH + 1, start, resumed=True)
    assert heir.outlet.states == ['RESUMED', 'ERROR', 'RESUMED']
    assert torch.equal(detections_of(heir), clean['detections'])


def test_an_order_for_the_image_of_a_resumed_frame_without_one_drops_the_frame(
    make_stored, job, spoil, death, tiny_model, commander
) -> None:
    dead = dead_node(make_stored, job, spoil, death, 'neck')
    start = dead.reader().restore(1_000, tiny_model.live_after, at_most=62)
    heir = make_stored(name='b')
    heir.faults.add('neck', spoil['raise'], times=2)
    commander.answer(heir, (RETRY, 1), (RETRY, -1))
    assert not heir.engine.process(replace(job, image=None), EPOCH + 1, start, resumed=True)
    assert heir.outlet.published == []
    assert heir.outlet.states == ['RESUMED', 'ERROR', 'RESUMED', 'ERROR', 'DROPPED']
    dropped = heir.outlet.reports[-1]
    assert dropped.detector == 'no_checkpoint'
    assert dropped.error.startswith("neither a checkpoint nor the image; stage 'neck': ")
    assert not heir.progress().in_flight


def test_a_frame_of_a_dead_node_begun_anew_from_its_image_is_said_to_be_resumed(
    make, job, clean
) -> None:
    heir = make(name='b')
    assert heir.engine.process(job, EPOCH + 1, resumed=True)
    assert torch.equal(detections_of(heir), clean['detections'])
    (resumed,) = heir.outlet.reports
    assert (resumed.state.name, resumed.stage, resumed.attempt) == ('RESUMED', 'preprocess', 0)
    assert (resumed.checkpoint, resumed.restored_ns) == (-1, job.received_ns)


def test_a_resumed_frame_whose_image_is_here_can_be_begun_anew_after_all(
    make_stored, job, clean, spoil, death, tiny_model, commander
) -> None:
    dead = dead_node(make_stored, job, spoil, death, 'neck')
    start = dead.reader().restore(1_000, tiny_model.live_after, at_most=62)
    heir = make_stored(name='b')
    heir.faults.add('neck', spoil['raise'], times=2)
    commander.answer(heir, (RETRY, 1), (RETRY, -1))
    assert heir.engine.process(job, EPOCH + 1, start, resumed=True)
    assert [r.checkpoint for r in heir.outlet.reports] == [1, 1, 1, 1, -1]
    assert torch.equal(detections_of(heir), clean['detections'])


# Fencing and progress marks


def test_a_node_that_was_replaced_publishes_nothing_and_says_so(make, job) -> None:
    bench = make()
    bench.outlet.allowed = False
    assert not bench.engine.process(job, EPOCH)
    assert bench.outlet.published == []
    (dropped,) = bench.outlet.reports
    assert (dropped.state.name, dropped.detector) == ('DROPPED', 'fenced')


def test_the_marks_tell_frame_stage_and_state_while_it_works(make_stored, job, tiny_model) -> None:
    bench = make_stored()
    seen: list[Progress] = []
    for stage in tiny_model.stages:
        bench.faults.add(stage.name, lambda _: seen.append(bench.progress()))
    bench.outlet.on_publish = lambda: seen.append(bench.progress())
    assert not bench.progress().in_flight
    bench.engine.process(job, EPOCH)
    *running, publishing = seen
    assert all(marks.in_flight and marks.stamp_ns == 1_000 for marks in seen)
    assert [marks.stage for marks in running] == [0, 1, 2, 3]
    assert {marks.state for marks in running} == {FrameState.RUNNING}
    since = [marks.since_ns for marks in seen]
    assert 0 < since[0] < since[1] < since[2] < since[3] < since[4]
    assert publishing.state is FrameState.PUBLISHING
    ended = bench.progress()
    assert (ended.in_flight, ended.state) == (False, FrameState.IDLE)
    assert (ended.epoch, ended.frames) == (EPOCH, 1)


def test_the_marks_tell_that_the_frame_waits_for_an_order(make_stored, job, spoil) -> None:
    bench = make_stored(deadline_s=0.001)
    bench.faults.add('neck', spoil['raise'])
    seen: list[Progress] = []
    report = bench.outlet.report
    bench.outlet.report = lambda said: (seen.append(bench.progress()), report(said))
    bench.engine.process(job, EPOCH)
    assert [marks.state for marks in seen] == [FrameState.WAITING, FrameState.WAITING]
    error = bench.outlet.reports[0]
    assert error.monotonic_ns <= seen[0].since_ns == seen[1].since_ns


@pytest.mark.parametrize('why', ['dropped', 'fenced'])
def test_a_frame_that_was_given_up_is_no_longer_in_flight(
    make_stored, job, spoil, why: str
) -> None:
    bench = make_stored(deadline_s=0.001)
    bench.outlet.allowed = why != 'fenced'
    if why == 'dropped':
        bench.faults.add('neck', spoil['raise'], times=2)
    bench.engine.process(job, EPOCH)
    assert bench.outlet.states[-1] == 'DROPPED'
    assert not bench.progress().in_flight


def test_memory_forgets_a_frame_that_ended(make, job) -> None:
    bench = make()
    bench.engine.process(job, EPOCH)
    if bench.file is None:
        assert bench.keeper.latest(1_000, 3) is None
        with pytest.raises(NoCheckpointError, match='no checkpoint of frame 1000'):
            bench.keeper.restore(1_000, lambda _: (), 3)
    else:
        assert bench.keeper.latest(1_000, 3) == 2


def test_a_tensor_too_large_for_the_store_does_not_cost_the_frame_unsaid(
    make_stored, job, clean
) -> None:
    bench = make_stored(slot_bytes=64)
    assert bench.engine.process(job, EPOCH)
    assert torch.equal(detections_of(bench), clean['detections'])
    assert bench.outlet.reports == []
    assert not bench.progress().in_flight
    # The image, and what is alive behind the first three stages.
    assert len(bench.outlet.warnings) == 4
    assert bench.outlet.warnings[0].startswith(
        "no checkpoint of frames like this: tensor 'image' has 576 bytes; its slot"
    )


def test_a_frame_too_large_for_the_store_is_retried_from_its_image(
    make_stored, job, clean, commander, spoil
) -> None:
    bench = make_stored(slot_bytes=64)
    bench.faults.add('neck', spoil['nan'])
    commander.answer(bench, (RETRY, -1))
    assert bench.engine.process(job, EPOCH)
    error, resumed = bench.outlet.reports
    assert (error.checkpoint, resumed.checkpoint) == (NO_CHECKPOINT, -1)
    assert torch.equal(detections_of(bench), clean['detections'])


def test_a_frame_that_is_refused_is_not_in_flight(make_stored, job) -> None:
    bench = make_stored()
    with pytest.raises(ValueError, match='neither an image nor a checkpoint'):
        bench.engine.process(replace(job, image=None), EPOCH)
    # The watch kills a process whose frame is in flight for too long.
    assert not bench.progress().in_flight
