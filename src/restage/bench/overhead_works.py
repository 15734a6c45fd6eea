# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Ways to take a frame through the model: bare, with everything, and with one part alone."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from restage.bench.overhead_rig import Rig
from restage.bench.paired import Work
from restage.bench.swallow import EPOCH
from restage.checkpoint.keeper import Keeper, MemoryKeeper
from restage.detect.detector import ErrorDetector
from restage.nodes.boundaries import boundaries_of
from restage.stages.commands import OrderBox
from restage.stages.engine import EngineOptions, FrameEngine
from restage.stages.frame import FrameJob, from_image
from restage.stages.model import StagedModel, State
from restage.stages.runner import StageRunner

NOWHERE: frozenset[int] = frozenset()


def bare(model: StagedModel) -> Work:
    """Return the stages alone: no detectors, checkpoints, marks or reports."""
    runner = StageRunner(model)

    def work(job: FrameJob) -> torch.Tensor:
        state: State = from_image(job)
        for index in range(len(model.stages)):
            state.update(runner.run(index, state))
            # As the engine does: a tensor that is kept costs the next one warm memory.
            state = {name: state[name] for name in model.live_after(index)}
        return state['detections']

    return work


def whole(rig: Rig) -> Work:
    """Return the engine of a detection node with all that its own defaults turn on."""
    return _through(rig.bench.engine)


def parts(rig: Rig) -> dict[str, tuple[Work, Work]]:
    """
    Return each part by name: with it, and without it but with what it needs.

    ``engine``: the loop itself, over the bare stages. ``marks``: progress marks and the deadlines
    that are learned. ``checkpoints``: copies and checksums, over the marks. The others: the error
    detectors by their names. All but the first over the engine without any of them.
    """
    model, keeper = rig.bench.model, rig.bench.keeper
    boundaries = boundaries_of(model, rig.bench.digest, rig.options)
    alone = _engine(rig, (), MemoryKeeper(), NOWHERE)
    marked = _engine(rig, (), keeper, NOWHERE)
    return {
        'engine': (alone, bare(model)),
        'marks': (marked, alone),
        'checkpoints': (_engine(rig, (), keeper, boundaries), marked),
        **{
            detector.name: (_engine(rig, (detector,), MemoryKeeper(), NOWHERE), alone)
            for detector in rig.bench.detectors
        },
    }


def _engine(
    rig: Rig, detectors: Sequence[ErrorDetector], keeper: Keeper, boundaries: frozenset[int]
) -> Work:
    runner = StageRunner(rig.bench.model, detectors)
    options = EngineOptions(boundaries=boundaries)
    return _through(FrameEngine(runner, keeper, OrderBox(), rig.outlet, options))


def _through(engine: FrameEngine) -> Work:
    def work(job: FrameJob) -> None:
        if not engine.process(job, EPOCH):
            raise RuntimeError(f'frame {job.stamp_ns} did not come out: nothing was to fail here')

    return work
