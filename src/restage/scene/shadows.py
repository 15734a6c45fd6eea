# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Soft shadows on the road under vehicles and people."""

from __future__ import annotations

import cv2
import numpy as np

from restage.scene.camera import Camera
from restage.scene.types import Floats, Image
from restage.scene.weather import Weather

SHADE = (22, 20, 20)
CORNERS = np.array([[-1.0, 1, -1], [1, 1, -1], [1, 1, 1], [-1, 1, 1]])
RING = np.linspace(0, 2 * np.pi, 10, endpoint=False)
CIRCLE = np.stack([np.cos(RING), np.zeros(10), np.sin(RING)], axis=1)


def darken(canvas: Image, corners: Floats, strength: float) -> None:
    """Lay a shadow of ``strength`` (0 to 1) over the convex area of N x 2 pixel corners."""
    rows, cols = canvas.shape[:2]
    low = np.floor(corners.min(axis=0)).astype(int).tolist()
    high = (np.ceil(corners.max(axis=0)).astype(int) + 1).tolist()
    x0, y0, x1, y1 = max(low[0], 0), max(low[1], 0), min(high[0], cols), min(high[1], rows)
    if x0 >= x1 or y0 >= y1:
        return
    area = canvas[y0:y1, x0:x1]
    shade = area.copy()
    points = np.clip((corners - (x0, y0)) * 8, -400_000, 400_000).astype(np.int32)
    cv2.fillConvexPoly(shade, cv2.convexHull(points), SHADE, cv2.LINE_AA, 3)
    cv2.addWeighted(area, 1.0 - strength, shade, strength, 0.0, area)


def box_shadow(
    canvas: Image, spot: Floats, extent: Floats, camera: Camera, weather: Weather
) -> None:
    """Shade the ground under a box of half size ``extent`` (m) and on its side off the sun."""
    lean = np.array([weather.sun[0], 0, weather.sun[2]]) * -0.5
    base = CORNERS * (extent * 1.06) * np.array([1.0, 0.0, 1.0]) + spot
    darken(canvas, camera.project(np.concatenate([base, base + lean])), weather.shadow)


def round_shadow(
    canvas: Image, spot: Floats, radius: float, camera: Camera, weather: Weather
) -> None:
    """Shade a disc of ``radius`` metres, shifted away from the sun."""
    lean = np.array([weather.sun[0], 0.0, weather.sun[2]]) * -0.35
    darken(canvas, camera.project(CIRCLE * radius + spot + lean), weather.shadow * 0.8)
