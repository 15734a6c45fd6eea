# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Sky: gradient, clouds, the low sun."""

from __future__ import annotations

import cv2
import numpy as np

from restage.scene.noise import tiling_noise
from restage.scene.types import Image
from restage.scene.weather import Weather


def make_sky(rng: np.random.Generator, width: int, height: int, weather: Weather) -> Image:
    """Return a sky of uint8 ``height`` x ``width`` x 3, the last row at the horizon."""
    level = np.linspace(0.0, 1.0, height)[:, None, None] ** 0.8
    sky = np.asarray(weather.sky_top) * (1 - level) + np.asarray(weather.sky_low) * level
    sky = np.repeat(sky, width, axis=1)
    puffs = tiling_noise(rng, (height, width), (4, 5), 4)
    stretch = np.clip((puffs - 0.2) * 0.9, 0, 1)[:, :, None] * weather.clouds
    bright = np.minimum(np.asarray(weather.sky_low) * 1.1 + 12, 255)
    if weather.name in ('overcast', 'rain'):
        bright = np.asarray(weather.sky_top) * 0.82
    sky += stretch * (bright - sky)
    if weather.name == 'night':
        stars = rng.random((height, width)) > 0.9985
        sky[stars] += rng.uniform(40, 160, (int(stars.sum()), 1))
    return np.asarray(np.clip(sky, 0, 255), dtype=np.uint8)


def _sun_at(width: int, height: int, weather: Weather) -> tuple[float, float]:
    return width / 2 + weather.sun[0] * width * 0.9, 0.24 * height


def make_glare(width: int, height: int, weather: Weather) -> Image | None:
    """Return lens flare to add for a sun ahead (uint8 H x W x 3), or None without glare."""
    if not weather.glare:
        return None
    x, y = _sun_at(width, height, weather)
    grid_y, grid_x = np.mgrid[0:height, 0:width]
    away = np.hypot(grid_x - x, grid_y - y) / width
    flare = 60 * np.exp(-away / 0.12) + 34 * np.exp(-away / 0.5)
    streak = 24 * np.exp(-np.abs(grid_y - y) / 3.0) * np.exp(-away / 0.4)
    light = (flare + streak)[:, :, None] * np.array([0.62, 0.86, 1.0]) * weather.glare
    soft = cv2.GaussianBlur(np.clip(light, 0, 255).astype(np.uint8), (5, 5), 0)
    return np.asarray(soft, dtype=np.uint8)


def shine_on_sky(sky: Image, weather: Weather, width: int, height: int) -> None:
    """Paint the low sun's disc and its corona into ``sky`` in place (frame size in pixels)."""
    if not weather.glare:
        return
    x, y = _sun_at(width, height, weather)
    x += (sky.shape[1] - width) / 2
    y += sky.shape[0] - 0.42 * height
    grid_y, grid_x = np.mgrid[0 : sky.shape[0], 0 : sky.shape[1]]
    away = np.hypot(grid_x - x, grid_y - y) / width
    disc = 300 * np.exp(-((away / 0.035) ** 2)) + 90 * np.exp(-away / 0.1)
    light = disc[:, :, None] * np.array([0.66, 0.88, 1.0])
    sky[:] = np.clip(sky + light, 0, 255).astype(np.uint8)
