# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Perspective view of the bird's-eye road texture."""

from __future__ import annotations

import cv2
import numpy as np

from restage.scene.camera import CAMERA_HEIGHT, Camera
from restage.scene.ground import COLUMNS, METRES_PER_COLUMN, METRES_PER_ROW, ROWS
from restage.scene.types import Image
from restage.scene.weather import Weather

BANDS = (12.0, 26.0, 62.0)  # metres: where the next blurrier texture takes over


class GroundView:
    """Draws everything below the horizon from precomputed inverse-perspective maps."""

    def __init__(
        self, textures: tuple[Image, ...], camera: Camera, margin: int, weather: Weather
    ) -> None:
        """Precompute maps for ``camera``; its vanishing point may move by ``margin`` pixels."""
        self._textures = textures
        self._margin = margin
        rows = int(camera.height - camera.cy) + 1 + margin
        cols = camera.width + 2 * margin
        self._depth = camera.focal * CAMERA_HEIGHT / (np.arange(rows) + 0.5)
        aside = (np.arange(cols) + 0.5 - margin - camera.cx)[None, :]
        across = aside * (self._depth / camera.focal)[:, None]
        self._columns = (across / METRES_PER_COLUMN + COLUMNS / 2 - 0.5).astype(np.float32)
        self._starts = [0, *(int(np.sum(self._depth > far)) for far in reversed(BANDS)), rows]
        through = np.exp(-weather.haze * self._depth)
        shape = (rows, camera.width, 3)
        keep = np.broadcast_to((255 * through)[:, None, None], shape)
        veil = (1 - through)[:, None, None] * np.asarray(weather.haze_colour)
        self._keep = keep.astype(np.uint8)
        self._veil = np.broadcast_to(veil, shape).astype(np.uint8)
        self._centre = camera.cx

    def draw(self, canvas: Image, camera: Camera, travelled: float) -> None:
        """Paint the ground into ``canvas`` (uint8 H x W x 3) ``travelled`` metres along."""
        top = int(camera.cy)
        count = camera.height - top
        left = self._margin - round(camera.cx - self._centre)
        columns = self._columns[:count, left : left + camera.width]
        columns = columns + np.float32(camera.lateral / METRES_PER_COLUMN)
        along = ((self._depth[:count] + travelled) / METRES_PER_ROW % ROWS).astype(np.float32)
        rows = np.repeat(along[:, None], camera.width, axis=1)
        whole, parts = cv2.convertMaps(columns, rows, cv2.CV_16SC2)  # fixed point is faster
        ground = canvas[top:]
        for level, (a, b) in enumerate(zip(self._starts, self._starts[1:], strict=False)):
            b = min(b, count)
            if a < b:
                ground[a:b] = cv2.remap(
                    self._textures[len(BANDS) - level],
                    whole[a:b],
                    parts[a:b],
                    cv2.INTER_LINEAR,
                    borderMode=cv2.BORDER_REPLICATE,
                )
        cv2.multiply(ground, self._keep[:count], ground, 1 / 255)
        cv2.add(ground, self._veil[:count], ground)
