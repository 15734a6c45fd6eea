# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import pytest
import torch

from restage.nodes import shadow as module
from restage.nodes.shadow import Shadow
from restage.stages.model import StagedModel
from restage.stages.queue import FrameQueue
from restage.stages.runner import StageError, StageRunner

SECOND = 1_000_000_000


@dataclass
class Clock:
    """Time, of which computing takes a part and waiting the rest."""

    now_ns: int = 10 * SECOND
    computed_ns: int = 0

    def monotonic_ns(self) -> int:
        return self.now_ns

    def thread_time_ns(self) -> int:
        return self.computed_ns

    def computes(self, span_ns: int, *, preempted_ns: int = 0) -> None:
        self.computed_ns += span_ns
        self.now_ns += span_ns + preempted_ns

    def waits(self, span_ns: int) -> None:
        self.now_ns += span_ns


class Runner(StageRunner):
    """Runs the tiny model; ``before`` is called with the number of each stage."""

    def __init__(self, model: StagedModel) -> None:
        super().__init__(model)
        self.ran: list[int] = []
        self.before: Callable[[int], None] = lambda _: None

    def run(self, index: int, state: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        self.before(index)
        self.ran.append(index)
        return super().run(index, state)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, 'time', clock)
    return clock


@pytest.fixture
def runner(tiny_model: StagedModel) -> Runner:
    return Runner(tiny_model)


@pytest.fixture
def queue(make_job) -> FrameQueue:
    queue = FrameQueue(4)
    queue.put(make_job(1_000))
    return queue


@dataclass
class Told:
    """What the shadow says; ``stages`` counts the stages it was about to run."""

    errors: list[StageError]
    stages: int = 0

    def on_stage(self) -> None:
        self.stages += 1


@pytest.fixture
def told() -> Told:
    return Told([])


@pytest.fixture
def make(runner: Runner, told: Told, clock: Clock) -> Callable[..., Shadow]:
    return lambda percent=100.0: Shadow(runner, percent, told.on_stage, told.errors.append)


def test_a_standby_runs_every_stage_on_a_frame_that_waits_and_leaves_it_there(
    make, runner, queue, told
) -> None:
    shadow = make()
    shadow.run_if_due(queue)
    assert (shadow.runs, runner.ran, told.errors) == (1, [0, 1, 2, 3], [])
    assert queue.newest().stamp_ns == 1_000


def test_it_takes_the_newest_frame(make, runner, queue, make_job) -> None:
    queue.put(replace(make_job(2_000), image=make_job().image[::-1].copy()))
    seen: list[torch.Tensor] = []
    run = runner.run

    def look(index: int, state: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        seen.append(state['image'])
        return run(index, state)

    runner.run = look
    make().run_if_due(queue)
    assert torch.equal(seen[0], torch.from_numpy(queue.newest().image))
    assert not torch.equal(seen[0], torch.from_numpy(make_job().image))


def test_a_primary_never_runs_in_the_shadow(make, runner, queue) -> None:
    shadow = make()
    queue.promote((0,))
    for _ in range(5):
        shadow.run_if_due(queue)
    assert (shadow.runs, runner.ran) == (0, [])
    queue.demote()
    shadow.run_if_due(queue)
    assert shadow.runs == 1


@pytest.mark.parametrize('stage', [0, 1, 2, 3])
def test_promoted_during_a_stage_it_begins_no_other(make, runner, queue, stage: int) -> None:
    shadow = make()
    runner.before = lambda index: queue.promote((0,)) if index == stage else None
    shadow.run_if_due(queue)
    assert runner.ran == list(range(stage + 1))
    assert shadow.runs == (1 if stage == 3 else 0)


def test_without_a_frame_or_its_image_there_is_nothing_to_run(make, runner, make_job) -> None:
    shadow, empty = make(), FrameQueue(4)
    shadow.run_if_due(empty)
    empty.put(replace(make_job(), image=None))
    shadow.run_if_due(empty)
    assert (shadow.runs, runner.ran) == (0, [])


def test_no_percent_is_never(make, runner, queue, clock) -> None:
    shadow = make(0.0)
    for _ in range(5):
        shadow.run_if_due(queue)
        clock.waits(3600 * SECOND)
    assert runner.ran == []


@pytest.mark.parametrize('percent', [0.5, 1.0, 10.0, 50.0])
@pytest.mark.parametrize('preempted_ms', [0, 30])
def test_over_time_no_more_than_the_percent_of_a_core_is_taken(
    make, runner, queue, clock, percent: float, preempted_ms: int
) -> None:
    shadow = make(percent)
    runner.before = lambda _: clock.computes(5_000_000, preempted_ns=preempted_ms * 1_000_000)
    begun_ns = clock.now_ns
    while shadow.runs < 50:
        shadow.run_if_due(queue)
        clock.waits(15_000_000)
    clock.waits(round(20_000_000 * (100 / percent - 1)))  # the rest after the last run
    share = clock.computed_ns / (clock.now_ns - begun_ns)
    assert share <= percent / 100


def test_a_whole_core_allows_one_run_after_the_other(make, runner, queue, clock) -> None:
    shadow = make(100.0)
    runner.before = lambda _: clock.computes(5_000_000)
    for _ in range(3):
        shadow.run_if_due(queue)
    assert shadow.runs == 3


def test_an_error_is_told_and_is_no_good_run(make, runner, queue, told, clock) -> None:
    def fail(index: int) -> None:
        if index == 2:
            raise StageError(2, 'neck', 'finite', 'NaN', 1)

    shadow = make(1.0)
    runner.before = fail
    shadow.run_if_due(queue)
    (error,) = told.errors
    assert (error.stage, error.detector, shadow.runs) == ('neck', 'finite', 0)
    runner.before = lambda _: None
    clock.waits(SECOND)
    shadow.run_if_due(queue)
    assert shadow.runs == 1


def test_an_error_again_and_again_does_not_take_more_of_the_core_either(
    make, runner, queue, told, clock
) -> None:
    def fail(_: int) -> None:
        clock.computes(10_000_000)
        raise StageError(0, 'preprocess', 'exception', 'no memory', 1)

    shadow = make(1.0)
    runner.before = fail
    begun_ns = clock.now_ns
    while clock.now_ns < begun_ns + 60 * SECOND:
        shadow.run_if_due(queue)
        clock.waits(15_000_000)
    assert 1 < len(told.errors) <= 61


def test_it_tells_that_it_lives_before_every_stage(make, runner, queue, told) -> None:
    before: list[tuple[int, int]] = []
    runner.before = lambda index: before.append((index, told.stages))
    make().run_if_due(queue)
    assert before == [(0, 1), (1, 2), (2, 3), (3, 4)]
