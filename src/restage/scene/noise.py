# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Value noise: smooth random fields that tile, the base of every texture."""

from __future__ import annotations

import cv2
import numpy as np

from restage.scene.types import Floats


def tiling_noise(
    rng: np.random.Generator, shape: tuple[int, int], cells: tuple[int, int], octaves: int = 3
) -> Floats:
    """
    Return smooth noise of zero mean and unit-ish spread, float64 H x W, tiling in both axes.

    ``cells`` is the lattice of the coarsest octave (rows, columns).
    """
    height, width = shape
    total = np.zeros(shape)
    weight = 1.0
    for octave in range(octaves):
        rows = min(cells[0] << octave, height)
        cols = min(cells[1] << octave, width)
        lattice = rng.standard_normal((rows, cols)).astype(np.float32)
        padded = np.pad(lattice, 2, mode='wrap')
        ys = (np.arange(height, dtype=np.float32) + 0.5) * rows / height + 1.5
        xs = (np.arange(width, dtype=np.float32) + 0.5) * cols / width + 1.5
        grid_x, grid_y = np.meshgrid(xs, ys)
        total += weight * cv2.remap(padded, grid_x, grid_y, cv2.INTER_LINEAR)
        weight *= 0.55
    return total
