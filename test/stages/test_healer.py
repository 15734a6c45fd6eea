# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What the inference thread does about an error whose cause may be its own weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch

from restage.checkpoint.boundaries import IMAGE, NO_CHECKPOINT
from restage.checkpoint.progress import FrameState, Progress
from restage.stages.commands import Tier
from restage.stages.engine import PUBLISHING_NS
from restage.stages.model import StagedModel
from restage.weights.keeper import NO_CLEAN_WEIGHTS, WEIGHTS

EPOCH = 3
PLENTY_NS = 10**12
SECOND = 1_000_000_000
RETRY, RELOAD, RELOAD_MODEL, DROP = (
    Tier.RETRY_STAGE,
    Tier.RELOAD_WEIGHTS,
    Tier.RELOAD_MODEL,
    Tier.DROP_FRAME,
)
# So large that the next stage's output is beyond all bounds; finite all the same.
LARGE = 1e10


@pytest.fixture
def watchful(make) -> Callable[..., object]:
    """Make benches that check every weight on every frame."""
    return lambda *args, **options: make(*args, guarded=True, weight_budget_ns=PLENTY_NS, **options)


def published(bench) -> torch.Tensor:
    ((_, _, detections),) = bench.outlet.published
    return detections


def errors_of(bench) -> list:
    return [report for report in bench.outlet.reports if report.state.name == 'ERROR']


# The root cause


def test_weights_that_are_quietly_wrong_are_reported_as_of_the_stage_they_belong_to(
    watchful, job, clean, commander
) -> None:
    bench = watchful()
    bench.weights.damage()
    commander.answer(bench, (RELOAD, 0))
    assert bench.engine.process(job, EPOCH)
    error, resumed = bench.outlet.reports
    assert (error.stage, error.stage_index, error.detector) == ('backbone.0', 1, WEIGHTS)
    assert error.error == 'checksum differs: backbone.0.weight'
    # What was checkpointed behind that stage was computed with them.
    assert (error.checkpoint, resumed.checkpoint) == (0, 0)
    assert torch.equal(published(bench), clean['detections'])
    assert bench.weights.intact()


@pytest.mark.parametrize('budget_ns', [0, PLENTY_NS])
def test_an_error_that_damaged_weights_led_to_is_reported_as_theirs(
    make, job, clean, commander, budget_ns: int
) -> None:
    bench = make(guarded=True, weight_budget_ns=budget_ns)
    bench.weights.damage(LARGE)
    commander.answer(bench, (RELOAD, 0))
    assert bench.engine.process(job, EPOCH)
    (error,) = errors_of(bench)
    assert (error.stage, error.detector, error.checkpoint) == ('backbone.0', WEIGHTS, 0)
    assert error.error == ('checksum differs: backbone.0.weight; first seen as range: out of range')
    assert torch.equal(published(bench), clean['detections'])


def test_the_time_of_an_error_is_when_it_was_first_seen(watchful, job, commander, spoil) -> None:
    bench = watchful()
    bench.weights.damage()
    bench.faults.add('neck', spoil['raise'])
    seen: list[int] = []
    check_all = bench.weights.check_all

    def check() -> object:
        seen.append(len(bench.outlet.reports))
        return check_all()

    bench.weights.check_all = check
    commander.answer(bench, (RELOAD, 0))
    assert bench.engine.process(job, EPOCH)
    (error,) = errors_of(bench)
    resumed = bench.outlet.reports[-1]
    assert error.monotonic_ns <= resumed.restored_ns
    assert error.error.endswith('; first seen as exception: RuntimeError: no memory')
    assert seen == [0]  # before anything is reported


def claimed_by(stage: int, load: Callable[[], StagedModel]) -> Callable[[], StagedModel]:
    """The tiny model as if its weights were those of another stage."""

    def claim() -> StagedModel:
        model = load()
        stages = [replace(one, weights=()) for one in model.stages]
        stages[stage] = replace(stages[stage], weights=tuple(model.weights))
        return replace(model, stages=tuple(stages))

    return claim


@pytest.mark.parametrize(('stage', 'theirs'), [(0, True), (1, True), (2, True), (3, False)])
def test_weights_of_a_later_stage_are_not_behind_an_error(
    make, load_tiny_model, job, commander, spoil, stage: int, theirs: bool
) -> None:
    bench = make(guarded=True, load=claimed_by(stage, load_tiny_model))
    bench.weights.damage()
    bench.faults.add('neck', spoil['raise'])
    commander.answer(bench, (RELOAD, stage - 1))
    bench.engine.process(job, EPOCH)
    (error,) = errors_of(bench)
    assert error.stage_index == (stage if theirs else 2)
    assert error.detector == (WEIGHTS if theirs else 'exception')


@pytest.mark.parametrize('stage', [0, 1, 2, 3])
def test_no_checkpoint_is_offered_that_damaged_weights_had_a_part_in(
    make, load_tiny_model, job, clean, commander, stage: int
) -> None:
    bench = make(
        (-1, 0, 1, 2, 3),
        guarded=True,
        weight_budget_ns=PLENTY_NS,
        load=claimed_by(stage, load_tiny_model),
    )
    bench.weights.damage()
    commander.answer(bench, (RELOAD, 62))  # whatever there is, said the recovery node
    before: list[int] = []
    commander.before = lambda report: before.append(report.checkpoint)
    bench.engine.process(job, EPOCH)
    assert before == [stage - 1]


def second_time(action: Callable[[dict], None]) -> Callable[[dict], None]:
    calls: list[int] = []

    def act(outputs: dict) -> None:
        calls.append(1)
        if len(calls) == 2:
            action(outputs)

    return act


@pytest.mark.parametrize('stage', ['preprocess', 'backbone.0', 'neck', 'decode'])
def test_the_latest_checkpoint_is_never_behind_the_stage_that_erred(
    make, job, tiny_model, commander, spoil, stage: str
) -> None:
    bench = make((-1, 0, 1, 2, 3))
    bench.faults.add('decode', spoil['nan'])  # by then all before it has been checkpointed
    bench.faults.add(stage, second_time(spoil['nan']), times=2)
    commander.answer(bench, (RETRY, IMAGE), (DROP, NO_CHECKPOINT))
    assert not bench.engine.process(job, EPOCH)
    offered = [(error.stage, error.checkpoint) for error in errors_of(bench)]
    assert offered == [('decode', 2), (stage, tiny_model.index(stage) - 1)]


# Orders that need clean weights


def test_a_retry_leaves_the_weights_alone(watchful, job, commander, spoil) -> None:
    bench = watchful()
    bench.faults.add('neck', spoil['raise'])
    commander.answer(bench, (RETRY, 1))
    assert bench.engine.process(job, EPOCH)
    assert bench.weights.calls == []


def test_weights_that_are_still_damaged_are_reported_again(watchful, job, clean, commander) -> None:
    bench = watchful()
    bench.weights.damage()
    commander.answer(bench, (RETRY, 0), (RELOAD, IMAGE))
    assert bench.engine.process(job, EPOCH)
    assert [(e.detector, e.attempt) for e in errors_of(bench)] == [(WEIGHTS, 0), (WEIGHTS, 1)]
    assert bench.weights.calls == ['reload']
    assert torch.equal(published(bench), clean['detections'])


def test_a_reload_is_obeyed_though_no_damage_was_seen(make, job, clean, commander, spoil) -> None:
    bench = make(guarded=True)
    bench.faults.add('neck', spoil['nan'])
    commander.answer(bench, (RELOAD, IMAGE))
    assert bench.engine.process(job, EPOCH)
    assert bench.weights.calls == ['reload']
    assert bench.outlet.reports[-1].checkpoint == IMAGE
    assert torch.equal(published(bench), clean['detections'])


def test_a_model_loaded_anew_computes_the_same_bits_and_the_hook_knows_it(
    watchful, job, clean, commander
) -> None:
    bench = watchful()
    before = bench.weights.model
    bench.weights.damage()
    commander.answer(bench, (RELOAD_MODEL, IMAGE), (RELOAD, 0))
    assert bench.engine.process(job, EPOCH)
    assert torch.equal(published(bench), clean['detections'])
    assert bench.weights.model is not before
    assert bench.faults.models == [bench.weights.model]
    # It is watched from now on, and cured in place.
    bench.weights.damage()
    assert bench.engine.process(replace(job, stamp_ns=2_000), EPOCH)
    assert torch.equal(bench.outlet.published[1][2], clean['detections'])


@pytest.mark.parametrize('tier', [RELOAD, RELOAD_MODEL])
def test_clean_weights_that_cannot_be_had_are_an_error_of_their_own(
    watchful, job, commander, tier: Tier
) -> None:
    bench = watchful()
    bench.weights.damage_for_good()
    commander.answer(bench, (tier, 0), (DROP, NO_CHECKPOINT))
    assert not bench.engine.process(job, EPOCH)
    first, second = errors_of(bench)
    assert (first.detector, first.attempt) == (WEIGHTS, 0)
    assert (second.detector, second.attempt) == (NO_CLEAN_WEIGHTS, 1)
    assert (second.stage, second.checkpoint) == ('backbone.0', 0)
    assert 'the model cannot be loaded: no such file' in second.error
    assert bench.outlet.states == ['ERROR', 'ERROR', 'DROPPED']
    assert bench.outlet.reports[-1].detector == NO_CLEAN_WEIGHTS
    assert commander.taken == [True, True]
    assert bench.outlet.published == []


def test_orders_are_obeyed_after_a_reload_that_failed(watchful, job, clean, commander) -> None:
    bench = watchful()
    bench.weights.damage_for_good()

    def is_back(report) -> None:
        bench.weights.bad_file = report.detector != NO_CLEAN_WEIGHTS

    commander.before = is_back
    commander.answer(bench, (RELOAD, 0), (RELOAD, IMAGE))
    assert bench.engine.process(job, EPOCH)
    assert bench.outlet.states == ['ERROR', 'ERROR', 'RESUMED']
    assert bench.outlet.reports[-1].attempt == 2
    assert torch.equal(published(bench), clean['detections'])


def test_a_node_that_keeps_no_clean_weights_says_so(make, job, commander, spoil) -> None:
    bench = make()
    bench.faults.add('neck', spoil['nan'])
    commander.answer(bench, (RELOAD, 1), (DROP, NO_CHECKPOINT))
    assert not bench.engine.process(job, EPOCH)
    _, second = errors_of(bench)
    assert (second.detector, second.stage) == (NO_CLEAN_WEIGHTS, 'neck')
    assert second.error == 'this node keeps no clean copy of its weights'


# Without an order


def test_without_an_order_damaged_weights_are_brought_back_for_the_one_retry(
    watchful, job, clean
) -> None:
    bench = watchful(deadline_s=0.001)
    bench.weights.damage()
    assert bench.engine.process(job, EPOCH)
    assert bench.outlet.states == ['ERROR', 'RESUMED']
    assert bench.weights.calls == ['reload']
    assert bench.outlet.reports[-1].checkpoint == 0
    assert torch.equal(published(bench), clean['detections'])


def test_without_an_order_an_error_of_another_cause_reloads_nothing(
    watchful, job, clean, spoil
) -> None:
    bench = watchful(deadline_s=0.001)
    bench.faults.add('neck', spoil['nan'])
    assert bench.engine.process(job, EPOCH)
    assert bench.weights.calls == []
    assert torch.equal(published(bench), clean['detections'])


def test_without_an_order_and_without_clean_weights_the_frame_is_dropped(watchful, job) -> None:
    bench = watchful(deadline_s=0.001)
    bench.weights.damage_for_good()
    assert not bench.engine.process(job, EPOCH)
    assert [(e.detector, e.attempt) for e in errors_of(bench)] == [
        (WEIGHTS, 0),
        (NO_CLEAN_WEIGHTS, 1),
    ]
    assert bench.outlet.states[-1] == 'DROPPED'
    assert bench.outlet.published == []


# What is promised


def span(marks: Progress) -> int:
    return marks.due_ns - marks.since_ns


def test_every_stage_promises_its_end_before_it_runs(make_stored, job, tiny_model) -> None:
    bench = make_stored()
    seen: list[Progress] = []

    def before(stage, inputs):
        seen.append(bench.progress())
        return inputs

    bench.faults.before = before
    bench.engine.process(job, EPOCH)
    assert [marks.stage for marks in seen] == [0, 1, 2, 3]
    assert {marks.state for marks in seen} == {FrameState.RUNNING}
    assert [span(marks) for marks in seen] == [bench.deadlines.longest_ns] * 4


def test_once_its_time_is_known_a_stage_promises_what_was_learned(
    make_stored, job, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = make_stored()
    monkeypatch.setattr(bench.deadlines, 'of', lambda stage: 1_000 + stage)
    seen: list[Progress] = []
    for stage in ('preprocess', 'backbone.0', 'neck', 'decode'):
        bench.faults.add(stage, lambda _: seen.append(bench.progress()))
    bench.engine.process(job, EPOCH)
    assert [span(marks) for marks in seen] == [1_000, 1_001, 1_002, 1_003]


def test_a_frame_promises_to_get_to_its_first_stage(make_stored, job) -> None:
    bench = make_stored()
    seen: list[Progress] = []
    bench.faults.begin_frame = lambda _: seen.append(bench.progress())
    bench.engine.process(job, EPOCH)
    (marks,) = seen
    assert marks.in_flight
    assert marks.due_ns > marks.since_ns
    assert marks.due_ns <= marks.since_ns + bench.deadlines.longest_ns


def test_waiting_for_an_order_promises_to_wait_no_longer_than_that(
    make_stored, job, commander, spoil
) -> None:
    bench = make_stored(deadline_s=7.0)
    bench.faults.add('neck', spoil['raise'])
    seen: list[Progress] = []
    commander.before = lambda _: seen.append(bench.progress())
    commander.answer(bench, (RETRY, 1))
    bench.engine.process(job, EPOCH)
    (marks,) = seen
    assert marks.state is FrameState.WAITING
    assert span(marks) == 7 * SECOND + bench.deadlines.short_ns


def test_a_look_at_all_weights_promises_its_own_time(make_stored, job, commander, spoil) -> None:
    bench = make_stored(guarded=True, deadline_s=7.0, reload_deadline_s=33.0)
    bench.faults.add('neck', spoil['raise'])
    seen: list[Progress] = []
    check_all = bench.weights.check_all

    def check() -> object:
        seen.append(bench.progress())
        return check_all()

    bench.weights.check_all = check
    commander.answer(bench, (RETRY, 1))
    assert bench.engine.process(job, EPOCH)
    (marks,) = seen
    assert marks.state is FrameState.WAITING
    assert span(marks) == 33 * SECOND + bench.deadlines.short_ns


@pytest.mark.parametrize('tier', [RELOAD, RELOAD_MODEL])
def test_a_reload_promises_its_own_time(make_stored, job, commander, spoil, tier: Tier) -> None:
    bench = make_stored(guarded=True, deadline_s=7.0, reload_deadline_s=33.0)
    bench.faults.add('neck', spoil['raise'])
    seen: list[Progress] = []
    bench.weights.on_call = lambda: seen.append(bench.progress())
    commander.answer(bench, (tier, IMAGE))
    assert bench.engine.process(job, EPOCH)
    (marks,) = seen
    assert marks.state is FrameState.WAITING
    assert span(marks) == 33 * SECOND + bench.deadlines.short_ns


def test_publishing_may_take_as_long_as_a_writer_of_dds_may_block(make_stored, job) -> None:
    bench = make_stored()
    seen: list[Progress] = []
    bench.outlet.on_publish = lambda: seen.append(bench.progress())
    bench.engine.process(job, EPOCH)
    (marks,) = seen
    assert marks.state is FrameState.PUBLISHING
    assert span(marks) == PUBLISHING_NS + bench.deadlines.short_ns


def test_only_the_times_of_stages_that_went_well_are_learned(
    make_stored, job, commander, spoil, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = make_stored()
    learned: list[int] = []
    monkeypatch.setattr(
        bench.deadlines,
        'learn',
        lambda stage, spent_ns: learned.append(stage) if spent_ns > 0 else None,
    )
    bench.faults.add('neck', spoil['nan'])
    bench.faults.add('decode', spoil['raise'])
    commander.answer(bench, (RETRY, 1), (RETRY, 2))
    assert bench.engine.process(job, EPOCH)
    assert learned == [0, 1, 2, 3]
