# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Perspective view of the roadside strips, drawn at half resolution."""

from __future__ import annotations

import cv2
import numpy as np

from restage.scene.backdrop import LENGTH, METRES_PER_TEXEL, TALL
from restage.scene.camera import CAMERA_HEIGHT, Camera
from restage.scene.types import Image
from restage.scene.weather import Weather

FAR = 70.0  # metres: beyond, a strip blurred along the road is used


class BackdropView:
    """Draws two vertical planes along the road, at ``wall`` metres either side."""

    def __init__(
        self,
        strips: tuple[Image, Image],
        wall: float,
        camera: Camera,
        margin: int,
        weather: Weather,
    ) -> None:
        """Keep the strips of the left and the right side; precompute the haze on them."""
        self._sides = strips
        self._blurred = tuple(cv2.blur(strip, (41, 3)) for strip in strips)
        self._wall = wall
        self._size = (camera.width // 2, int(camera.cy * 0.5) + 30)
        self._margin = margin // 2
        self._centre = camera.cx
        span = np.arange(self._size[0] + 2 * self._margin) * 2 + 1.0 - 2 * self._margin
        through = np.exp(-weather.haze * camera.focal * wall / np.maximum(abs(span - camera.cx), 2))
        shape = (self._size[1], len(span), 3)
        veil = (1 - through)[None, :, None] * np.asarray(weather.haze_colour)
        self._keep = np.broadcast_to(255 * through[None, :, None], shape).astype(np.uint8)
        self._veil = np.broadcast_to(veil, shape).astype(np.uint8)

    def draw(self, canvas: Image, camera: Camera, travelled: float) -> None:
        """Paint both sides over sky and ground in ``canvas`` (uint8 H x W x 3)."""
        cols, rows = self._size
        aside = (np.arange(cols) * 2 + 1.0) - camera.cx
        offset = np.where(aside < 0, self._wall + camera.lateral, self._wall - camera.lateral)
        depth = camera.focal * offset / np.maximum(np.abs(aside), 2.0)
        per_row = depth / camera.focal / METRES_PER_TEXEL
        down = (np.arange(rows) * 2 + 1.0 - camera.cy)[:, None]
        bottom = TALL - CAMERA_HEIGHT / METRES_PER_TEXEL
        map_y = (bottom + down * per_row).astype(np.float32)
        along = (depth + travelled) / METRES_PER_TEXEL % LENGTH
        map_x = np.repeat(along[None, :].astype(np.float32), rows, axis=0)
        wall = np.empty((rows, cols, 4), np.uint8)
        centre = int(np.sum(aside < 0))
        near = depth < FAR
        for side, a, b in ((0, 0, centre), (1, centre, cols)):
            cut = a + int(np.sum(near[a:b])) if side == 0 else b - int(np.sum(near[a:b]))
            spans = ((a, cut, side == 0), (cut, b, side == 1))
            for start, end, sharp in spans:
                if start < end:
                    source = self._sides[side] if sharp else self._blurred[side]
                    wall[:, start:end] = cv2.remap(
                        source,
                        map_x[:, start:end],
                        map_y[:, start:end],
                        cv2.INTER_LINEAR,
                        borderMode=cv2.BORDER_CONSTANT,
                    )
        colour, alpha = cv2.cvtColor(wall, cv2.COLOR_BGRA2BGR), cv2.extractChannel(wall, 3)
        left = self._margin - round((camera.cx - self._centre) / 2)
        cv2.multiply(colour, self._keep[:, left : left + cols], colour, 1 / 255)
        cv2.add(colour, self._veil[:, left : left + cols], colour)
        size = (cols * 2, rows * 2)
        large = cv2.resize(colour, size, interpolation=cv2.INTER_LINEAR)
        alpha = cv2.resize(alpha, size, interpolation=cv2.INTER_LINEAR)
        mask = cv2.threshold(alpha, 127, 255, cv2.THRESH_BINARY)[1]
        cv2.copyTo(large, mask, canvas[: rows * 2])
