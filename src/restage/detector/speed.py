# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""How long a frame takes."""

from __future__ import annotations

from statistics import median
from time import perf_counter

import numpy as np
import torch

from restage.scene import RoadScene
from restage.stages.loading import warm_up
from restage.stages.model import StagedModel, State
from restage.stages.runner import StageRunner

SCENE_SEED = 11
FRAMES, PASSES, STEP = 60, 5, 7


def frame_times_ms(model: StagedModel) -> list[float]:
    """Return the times of whole frames, image to detections, in ms, in the order they were run."""
    runner = StageRunner(model)
    warm_up(runner)
    times = []
    for image in _images() * PASSES:
        started = perf_counter()
        runner.run_all(image)
        times.append((perf_counter() - started) * 1e3)
    return times


def stage_times_ms(model: StagedModel) -> dict[str, float]:
    """Return the median time of every stage, in ms, by name."""
    runner = StageRunner(model)
    warm_up(runner)
    times: dict[str, list[float]] = {stage.name: [] for stage in model.stages}
    for image in _images():
        state: State = {'image': image}
        for index, stage in enumerate(model.stages):
            started = perf_counter()
            state.update(runner.run(index, state))
            times[stage.name].append((perf_counter() - started) * 1e3)
    return {name: round(median(values), 3) for name, values in times.items()}


def _images() -> list[torch.Tensor]:
    scene = RoadScene(SCENE_SEED)
    return [
        torch.from_numpy(np.ascontiguousarray(scene.frame(index * STEP).image))
        for index in range(FRAMES)
    ]
