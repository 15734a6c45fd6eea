# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Posts, street lamps and guard rails."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from restage.scene.camera import Camera
from restage.scene.types import Floats, Image
from restage.scene.weather import Weather

RAIL_LENGTH = 24.0
RAIL_BANDS = ((0.42, 0.52, 120.0), (0.52, 0.6, 178.0), (0.6, 0.66, 140.0), (0.66, 0.74, 190.0))


def _beams(
    canvas: Image,
    corners: Floats,
    tones: Sequence[float],
    depth: float,
    camera: Camera,
    weather: Weather,
) -> None:
    points = camera.project(corners.reshape(-1, 3))
    fixed = np.clip(points * 8, -400_000, 400_000).astype(np.int32).reshape(-1, 4, 2)
    grey = np.repeat(np.array(tones)[:, None], 3, axis=1)
    shades = weather.shade(grey, np.full(len(tones), 0.5), depth).tolist()
    for quad, shade in zip(fixed, shades, strict=True):
        cv2.fillConvexPoly(canvas, quad, shade, cv2.LINE_AA, 3)


def _upright(x0: float, x1: float, y0: float, y1: float, z: float) -> list[list[float]]:
    return [[x0, y0, z], [x1, y0, z], [x1, y1, z], [x0, y1, z]]


def draw_post(
    canvas: Image, x: float, z: float, height: float, width: float, camera: Camera, weather: Weather
) -> None:
    """Draw an upright post (m) with a lit and a shaded half."""
    left, right = x - width / 2, x + width / 2
    quads = [_upright(left, x, 0, height, z), _upright(x, right, 0, height, z)]
    _beams(canvas, np.array(quads), (150.0, 96.0), z, camera, weather)


def draw_lamp(canvas: Image, x: float, z: float, camera: Camera, weather: Weather) -> None:
    """Draw a street lamp whose arm reaches over the road."""
    reach = -1.8 if x > 0 else 1.8
    end = x + reach * 1.35
    quads = [
        _upright(x - 0.08, x, 0, 6.5, z),
        _upright(x, x + 0.08, 0, 6.5, z),
        [[x, 6.4, z], [x + reach, 6.8, z], [x + reach, 6.92, z], [x, 6.55, z]],
        [[x + reach, 6.72, z], [end, 6.78, z], [end, 6.92, z], [x + reach, 6.94, z]],
    ]
    _beams(canvas, np.array(quads), (150.0, 96.0, 110.0, 225.0), z, camera, weather)


def draw_rail(canvas: Image, x: float, z: float, camera: Camera, weather: Weather) -> None:
    """Draw one length of guard rail centred at depth ``z``, with its posts."""
    start, end = z - RAIL_LENGTH / 2, z + RAIL_LENGTH / 2
    near = max(start, 0.7)
    if end <= near:
        return
    steps = np.arange(0.0, RAIL_LENGTH, 4.0).tolist()
    posts = [start + step for step in steps if start + step > 2.0]
    quads = [_upright(x - 0.06, x + 0.06, 0, 0.62, at) for at in posts]
    quads += [
        [[x, low, near], [x, low, end], [x, high, end], [x, high, near]]
        for low, high, _ in RAIL_BANDS
    ]
    tones = [110.0] * len(posts) + [tone for _, _, tone in RAIL_BANDS]
    _beams(canvas, np.array(quads), tones, max(z, 1.0), camera, weather)
