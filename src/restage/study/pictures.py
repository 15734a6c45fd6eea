# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The pictures of the study: rendered, with objects in them, ready for the network."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from restage.detector.preprocess import preprocess
from restage.scene import RoadScene
from restage.study.request import PICTURES

SEED, WEATHER = 6_000_000, 'day'
EVERY = 20  # frames of the scene


def write_pictures(folder: Path) -> list[NDArray[np.float32]]:
    """Write float32 1 x 3 x 384 x 640 pictures as ``0.npy``, ``1.npy``, ..; return them."""
    scene = RoadScene(SEED, weather=WEATHER)
    pictures = []
    for index in range(PICTURES):
        image = torch.from_numpy(np.ascontiguousarray(scene.frame(index * EVERY).image))
        picture = np.ascontiguousarray(preprocess(image)[0].numpy())
        np.save(folder / f'{index}.npy', picture)
        pictures.append(picture)
    return pictures
