# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Flat pictures with a mask, scaled and pasted into the view."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from restage.scene.types import Image
from restage.scene.weather import Weather


@dataclass(frozen=True)
class Sprite:
    """A picture (uint8 H x W x 3, BGR) and its mask (uint8 H x W) at halving sizes."""

    levels: tuple[tuple[Image, Image], ...]

    @classmethod
    def of(cls, picture: Image, mask: Image) -> Sprite:
        """Build the smaller copies; three halvings."""
        levels = [(picture, mask)]
        for _ in range(3):
            rows, cols = levels[-1][1].shape
            size = (cols // 2, rows // 2)
            half = [cv2.resize(part, size, interpolation=cv2.INTER_AREA) for part in levels[-1]]
            levels.append((np.asarray(half[0], np.uint8), np.asarray(half[1], np.uint8)))
        return cls(tuple(levels))

    def sized(self, width: int, height: int) -> tuple[Image, Image]:
        """Return picture and mask scaled to ``width`` x ``height`` pixels."""
        level = 0
        while level < len(self.levels) - 1 and self.levels[level + 1][1].shape[1] >= width:
            level += 1
        picture, mask = (
            cv2.resize(part, (width, height), interpolation=cv2.INTER_LINEAR)
            for part in self.levels[level]
        )
        return np.asarray(picture, np.uint8), np.asarray(mask, np.uint8)


def paste(
    canvas: Image,
    sprite: Sprite,
    area: tuple[int, int, int, int],
    depth: float,
    weather: Weather,
) -> None:
    """
    Draw ``sprite`` scaled into ``area`` (left, top, width, height in pixels) of ``canvas``.

    The area may leave the canvas; ``depth`` (m) sets light and haze.
    """
    left, top, width, height = area
    rows, cols = canvas.shape[:2]
    x0, y0, x1, y1 = max(left, 0), max(top, 0), min(left + width, cols), min(top + height, rows)
    if x0 >= x1 or y0 >= y1 or width < 1 or height < 1:
        return
    picture, shape = sprite.sized(width, height)
    part = (slice(y0 - top, y1 - top), slice(x0 - left, x1 - left))
    through = weather.transmittance(depth)
    light = (weather.ambient + 0.5 * weather.diffuse) * through
    veil = float(np.mean(weather.haze_colour)) * (1.0 - through)
    lit = cv2.convertScaleAbs(picture[part], alpha=light, beta=veil)
    solid = cv2.threshold(shape[part], 110, 255, cv2.THRESH_BINARY)[1]
    cv2.copyTo(lit, solid, canvas[y0:y1, x0:x1])


def glow(canvas: Image, halo: Image, x: float, y: float, radius: float) -> None:
    """Add light: ``halo`` (uint8, square, BGR) scaled to ``radius`` pixels around a point."""
    size = max(2 * round(radius), 4)
    left, top = round(x) - size // 2, round(y) - size // 2
    rows, cols = canvas.shape[:2]
    x0, y0, x1, y1 = max(left, 0), max(top, 0), min(left + size, cols), min(top + size, rows)
    if x0 >= x1 or y0 >= y1:
        return
    light = cv2.resize(halo, (size, size), interpolation=cv2.INTER_LINEAR)
    area = canvas[y0:y1, x0:x1]
    cv2.add(area, light[y0 - top : y1 - top, x0 - left : x1 - left], area)


def make_halo(colour: tuple[float, float, float]) -> Image:
    """Return a 32 x 32 x 3 patch of light with a hot core."""
    grid_y, grid_x = np.mgrid[-1:1:32j, -1:1:32j]
    away = np.hypot(grid_x, grid_y)
    fall = np.clip(1 - away, 0, 1) ** 2.2 * 0.55 + np.exp(-((away / 0.16) ** 2)) * 0.9
    core = np.exp(-((away / 0.12) ** 2))[:, :, None] * 160
    light = np.clip(fall * np.clip(1.15 - away, 0, 1), 0, 1)[:, :, None] * np.asarray(colour) + core
    light[away >= 1.0] = 0
    return np.asarray(np.clip(light, 0, 255), dtype=np.uint8)
