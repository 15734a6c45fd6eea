# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The images to measure with: the rendered road, the same for the same seed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle, islice

import numpy as np
import torch

from restage.scene import RoadScene
from restage.stages.model import StagedModel

DISTINCT = 60
STEP = 7  # frames of 1/30 s between two images


def road_images(model: StagedModel, seed: int, count: int) -> Iterator[torch.Tensor]:
    """
    Give ``count`` images (uint8, H x W x 3, BGR) at once rendered.

    In the model's input size where the scene comes in it: else the model scales them, as those of a
    camera. They repeat after ``DISTINCT``, so that many frames do not take all the memory there is.
    """
    width, height = model.input_size
    try:
        scene = RoadScene(seed, width, height)
    except ValueError:
        scene = RoadScene(seed)
    images = [
        torch.from_numpy(np.ascontiguousarray(scene.frame(index * STEP).image))
        for index in range(min(count, DISTINCT))
    ]
    return islice(cycle(images), count)
