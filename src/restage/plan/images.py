# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The images to measure with: the rendered road, the same for the same seed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle, islice

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from restage.scene import RoadScene
from restage.stages.model import StagedModel

DISTINCT = 60
STEP = 7  # frames of 1/30 s between two images


def road_images(
    model: StagedModel, seed: int, count: int, step: int = STEP
) -> Iterator[torch.Tensor]:
    """
    Give ``count`` images (uint8, H x W x 3, BGR) at once rendered.

    In the model's input size; scaled where the scene does not come in it. They repeat after
    ``DISTINCT``, so that many frames do not take all the memory there is. ``step``: frames of the
    scene from one to the next.
    """
    width, height = model.input_size
    try:
        scene = RoadScene(seed, width, height)
    except ValueError:
        scene = RoadScene(seed)
    images = [
        torch.from_numpy(_fitted(scene.frame(index * step).image, (width, height)))
        for index in range(min(count, DISTINCT))
    ]
    return islice(cycle(images), count)


def _fitted(image: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    if image.shape[:2] != size[::-1]:
        image = np.asarray(cv2.resize(image, size), np.uint8)
    return np.ascontiguousarray(image)
