# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""How long a frame takes."""

from __future__ import annotations

from time import perf_counter

import numpy as np
import torch

from restage.scene import RoadScene
from restage.stages.loading import warm_up
from restage.stages.model import StagedModel
from restage.stages.runner import StageRunner

SCENE_SEED = 11
FRAMES, PASSES, STEP = 60, 5, 7


def frame_times_ms(model: StagedModel) -> list[float]:
    """Return the times of whole frames, image to detections, in ms, in the order they were run."""
    runner = StageRunner(model)
    warm_up(runner)
    scene = RoadScene(SCENE_SEED)
    images = [
        torch.from_numpy(np.ascontiguousarray(scene.frame(index * STEP).image))
        for index in range(FRAMES)
    ]
    times = []
    for image in images * PASSES:
        started = perf_counter()
        runner.run_all(image)
        times.append((perf_counter() - started) * 1e3)
    return times
