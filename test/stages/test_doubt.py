# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What is not certain: a fault does not come back, an odd frame does and is published."""

from __future__ import annotations

import torch

from restage.checkpoint.boundaries import NO_CHECKPOINT
from restage.stages.commands import Tier
from restage.stages.reports import ReportState

EPOCH = 3


def raise_one(outputs: dict[str, torch.Tensor], value: float = 1000.0) -> None:
    with torch.inference_mode():
        next(iter(outputs.values())).view(-1)[0] = value


def errors(bench):
    return [report for report in bench.outlet.reports if report.state is ReportState.ERROR]


def test_a_fault_that_does_not_come_back_is_cured_by_a_run_from_the_image(
    make, job, clean, commander
) -> None:
    bench = make(doubtful=True)
    bench.faults.add('backbone.0', raise_one)
    commander.answer(bench, (Tier.RETRY_STAGE, -1))
    assert bench.engine.process(job, EPOCH)
    (report,) = errors(bench)
    assert (report.detector, report.stage) == ('unlikely', 'backbone.0')
    assert torch.equal(bench.outlet.published[0][2], clean['detections'])
    assert bench.runner.overruled.total() == 0


def test_no_checkpoint_is_offered_for_it(make, job, commander) -> None:
    """The fault may lie in front of what was checkpointed."""
    bench = make(boundaries=(0, 1, 2), doubtful=True)
    bench.faults.add('neck', raise_one)
    commander.answer(bench, (Tier.RETRY_STAGE, -1))
    bench.engine.process(job, EPOCH)
    (report,) = errors(bench)
    assert report.checkpoint == NO_CHECKPOINT


def test_what_comes_back_to_the_last_digit_is_an_odd_frame_and_published(
    make, job, commander
) -> None:
    bench = make(doubtful=True)
    bench.faults.add('backbone.0', raise_one, times=99)
    commander.answer(bench, (Tier.RETRY_STAGE, -1))
    assert bench.engine.process(job, EPOCH)
    assert len(errors(bench)) == 1
    # In the stage itself, and in the next, which hands the value on.
    assert bench.runner.overruled.total() == 2
    assert len(bench.outlet.published) == 1


def test_what_comes_back_as_something_else_is_no_odd_frame(make, job, commander) -> None:
    bench = make(doubtful=True)
    bench.faults.add('backbone.0', raise_one)
    bench.faults.add('backbone.0', lambda outputs: None)
    values = iter((1000.0, 1000.5, 0.0))
    bench.faults._faults = [('backbone.0', 3, lambda outputs: raise_one(outputs, next(values)))]
    commander.answer(bench, (Tier.RETRY_STAGE, -1), (Tier.RETRY_STAGE, -1))
    bench.engine.process(job, EPOCH)
    assert len(errors(bench)) == 2
    assert bench.runner.overruled.total() == 0


def test_a_certain_error_of_an_odd_frame_is_an_error(make, job, commander) -> None:
    bench = make(doubtful=True)
    bench.faults.add('backbone.0', raise_one, times=99)
    # In the second run: the first ends before.
    bench.faults.add('neck', lambda outputs: raise_one(outputs, 1e9), times=1)
    commander.answer(bench, (Tier.RETRY_STAGE, -1), (Tier.RETRY_STAGE, -1))
    bench.engine.process(job, EPOCH)
    assert [report.detector for report in errors(bench)] == ['unlikely', 'range']


def test_without_a_recovery_node_the_node_itself_runs_it_from_the_image(make, job, clean) -> None:
    bench = make(deadline_s=0.001, doubtful=True)
    bench.faults.add('neck', raise_one)
    assert bench.engine.process(job, EPOCH)
    assert torch.equal(bench.outlet.published[0][2], clean['detections'])


def test_the_detectors_learn_what_was_published_of_which_frame(make, job) -> None:
    bench = make(doubtful=True)
    bench.engine.process(job, EPOCH)
    assert bench.unlikely.begun == [job.stamp_ns]
    assert torch.equal(bench.unlikely.learned[0], bench.outlet.published[0][2])


def test_of_a_frame_that_is_given_up_they_learn_nothing(make, job) -> None:
    bench = make(doubtful=True)
    bench.outlet.allowed = False
    bench.engine.process(job, EPOCH)
    assert bench.unlikely.learned == []
