# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What lines the road: facades, houses, a tree line, as one long textured strip a side."""

from __future__ import annotations

import cv2
import numpy as np

from restage.scene.layout import Layout
from restage.scene.noise import tiling_noise
from restage.scene.types import Floats, Image
from restage.scene.weather import Weather

METRES_PER_TEXEL = 0.12
LENGTH = 700  # 84 m
TALL = 150  # 18 m
FACADES = ((112, 128, 150), (150, 160, 168), (92, 104, 140), (136, 138, 136), (120, 150, 176))


def _facade(rng: np.random.Generator, strip: Floats, night: bool) -> None:
    at = 0
    while at < LENGTH:
        wide = int(rng.integers(60, 150))
        tall = int(rng.integers(60, TALL))
        end, top = min(at + wide, LENGTH), TALL - tall
        tone = np.array(FACADES[rng.integers(len(FACADES))]) * rng.uniform(0.75, 1.15)
        strip[top:, at:end] = [*tone, 255]
        strip[top : top + 4, at:end, :3] *= 0.7
        step, floor = int(rng.integers(12, 20)), int(rng.integers(22, 28))
        for y in range(top + 8, TALL - 30, floor):
            for x in range(at + 6, end - 10, step):
                glass = np.array([150, 135, 120]) * rng.uniform(0.35, 1.0)
                if night and rng.random() < 0.35:
                    glass = np.array([170, 225, 255])
                strip[y : y + floor - 10, x : x + step - 6, :3] = glass
        strip[TALL - 26 :, at:end, :3] *= 0.8  # shop fronts
        for x in range(at + 4, end - 16, 24):
            glass = np.array([110, 100, 90]) * rng.uniform(0.5, 1.3)
            strip[TALL - 22 : TALL - 3, x : x + 17, :3] = glass if not night else glass + 80
        at = end + (int(rng.integers(0, 40)) if rng.random() < 0.3 else 0)


def _trees(rng: np.random.Generator, strip: Floats, share: float, tall: int) -> None:
    for _ in range(int(130 * share)):
        x, size = int(rng.integers(0, LENGTH)), int(rng.integers(14, 34))
        y = TALL - int(rng.integers(10, tall))
        green = np.array([48, 92, 70]) * rng.uniform(0.45, 1.2)
        cv2.line(strip, (x, y), (x, TALL), (42, 56, 70, 255), 3)
        for _ in range(9):
            shift = rng.normal(0, size * 0.45, 2)
            tone = green * rng.uniform(0.75, 1.3)
            spot = (int(x + shift[0]), int(y + shift[1] * 0.8))
            radius = int(size * rng.uniform(0.3, 0.6))
            cv2.circle(strip, spot, radius, (*tone.tolist(), 255), -1)
    grain = tiling_noise(rng, (TALL, LENGTH), (40, 190), 2)[:, :, None]
    strip[:, :, :3] *= 1 + 0.12 * grain


def make_strip(rng: np.random.Generator, layout: Layout, weather: Weather) -> Image:
    """Return one side's strip: uint8 TALL x (LENGTH + 1) x 4 (BGRA), bottom row at y = 0."""
    strip = np.zeros((TALL, LENGTH, 4))
    night = weather.name in ('night', 'dusk')
    if layout.style == 'highway':
        strip[TALL - 14 :] = [50, 84, 70, 255]
        _trees(rng, strip, 1.0, 70)
    else:
        strip[TALL - 10 :] = [104, 110, 116, 255]
        if rng.random() < 0.75:
            _facade(rng, strip, night)
            _trees(rng, strip, 0.12, 50)
        else:
            _trees(rng, strip, 0.7, 60)
    strip[:, :, :3] *= weather.ambient + weather.diffuse * rng.uniform(0.1, 0.7)
    shown = np.clip(strip, 0, 255).astype(np.uint8)
    return np.concatenate([shown, shown[:, :1]], axis=1)
