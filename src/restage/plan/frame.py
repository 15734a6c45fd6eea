# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Time one frame: its stages alone, and its checkpoints in a detection node's own order."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter_ns

import torch

from restage.checkpoint.boundaries import IMAGE
from restage.checkpoint.reader import CheckpointReader
from restage.checkpoint.writer import CheckpointWriter
from restage.detect.finite import FiniteDetector
from restage.plan.errors import PlanError
from restage.plan.samples import Samples
from restage.stages.model import State
from restage.stages.runner import StageRunner


def time_stages(runner: StageRunner, image: torch.Tensor, samples: Samples) -> None:
    """Take ``image`` through the stages without checkpoints; note the time of each."""
    state: State = {'image': image}
    for index, names in enumerate(samples.live[1:]):
        begun = perf_counter_ns()
        outputs = runner.run(index, state)
        samples.stage_ns[index].append(perf_counter_ns() - begun)
        state = {name: tensor for name, tensor in {**state, **outputs}.items() if name in names}


def time_checkpoints(
    runner: StageRunner,
    writer: CheckpointWriter,
    reader: CheckpointReader,
    image: torch.Tensor,
    stamp: int,
    samples: Samples,
) -> None:
    """
    Take ``image`` through the stages as frame ``stamp``; check, commit and restore every tensor.

    :raises PlanError: when a stage makes NaN or infinity.
    """
    detector, stages = FiniteDetector(), runner.model.stages
    writer.begin_frame(stamp)
    state: State = {'image': image}
    for boundary, names in enumerate(samples.live, IMAGE):
        if boundary > IMAGE:
            state.update(runner.run(boundary, state))
        state = {name: state[name] for name in names}
        for name in names:
            if samples.tensors[name].made == boundary:
                begun = perf_counter_ns()
                problem = detector.check(stages[max(boundary, 0)], {}, {name: state[name]})
                checked = perf_counter_ns()
                writer.commit(boundary, {name: state[name]})
                ended = perf_counter_ns()
                if problem is not None:
                    raise PlanError(f'this model cannot be planned for: {problem.message}')
                one = samples.tensors[name]
                one.check_ns.append(checked - begun)
                one.commit_ns.append(ended - checked)
                one.nbytes = max(one.nbytes, state[name].nbytes)
    for one in samples.tensors.values():
        begun = perf_counter_ns()
        reader.restore(stamp, _only(one.name), at_most=one.made)
        one.restore_ns.append(perf_counter_ns() - begun)


def _only(name: str) -> Callable[[int], tuple[str, ...]]:
    return lambda _: (name,)
