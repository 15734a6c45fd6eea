# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Roadside tree sprites."""

from __future__ import annotations

import cv2
import numpy as np

from restage.scene.noise import tiling_noise
from restage.scene.types import Image

WIDTH, HEIGHT = 144, 176


def make_tree(rng: np.random.Generator) -> tuple[Image, Image]:
    """Return a tree (uint8 176 x 144 x 3, BGR) and its mask; the trunk ends at the bottom."""
    picture = np.zeros((HEIGHT, WIDTH, 3))
    mask: Image = np.zeros((HEIGHT, WIDTH), np.uint8)
    bark = np.array([52.0, 66.0, 84.0]) * rng.uniform(0.6, 1.1)
    trunk = np.array([[66, HEIGHT], [78, HEIGHT], [75, 70], [69, 70]], np.int32)
    cv2.fillConvexPoly(picture, trunk, bark.tolist())
    cv2.fillConvexPoly(mask, trunk, 255)
    green = np.array([44.0, 96.0, 74.0]) * rng.uniform(0.6, 1.15) + rng.uniform(-8, 14, 3)
    for step in range(46):
        angle, reach = rng.uniform(0, 6.28), 50 * np.sqrt(rng.random())
        spot = (int(72 + reach * np.cos(angle)), int(60 + reach * np.sin(angle) * 0.95))
        radius = int(rng.integers(8, 17))
        tone = green * (0.6 + 0.5 * step / 46) * (1.25 - 0.5 * spot[1] / 110)
        cv2.circle(picture, spot, radius, np.clip(tone, 0, 255).tolist(), -1)
        cv2.circle(mask, spot, radius, 255, -1)
    leaf = tiling_noise(rng, (HEIGHT, WIDTH), (44, 36), 2)
    picture *= 1 + 0.16 * leaf[:, :, None]
    mask[(leaf > 1.35) & (np.arange(HEIGHT)[:, None] < 110)] = 0
    return np.clip(picture, 0, 255).astype(np.uint8), mask
