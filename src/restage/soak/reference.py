# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A clip without an end, and what the model makes of it without any fault."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from restage.bench.clip import render_clip
from restage.camera.source import open_source
from restage.demo.golden import fault_free
from restage.stages.model import StagedModel

# Forth and back, so that no object jumps where the clip starts over.
FRAMES = 90


def render_loop(folder: Path, seed: int, frames: int = FRAMES) -> Path:
    """Write ``frames`` frames of the rendered road, then all but the ends of them backwards."""
    render_clip(folder, seed, frames)
    for place in range(1, frames - 1):
        back = folder / f'{2 * (frames - 1) - place:04d}.jpg'
        os.link(folder / f'{place:04d}.jpg', back)
    return folder


def reference(model: StagedModel, pictures: Path) -> dict[int, NDArray[np.float64]]:
    """Return the fault-free detections of every frame by its index: N x 6, see `as_array`."""
    source = open_source(str(pictures), seed=0, width=0, height=0)
    indices = range(len(list(pictures.iterdir())))
    found = fault_free(model, source, indices, lambda _: False)
    return {index: golden.detections for index, golden in found if golden.detections is not None}
