# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The bird's-eye road texture: asphalt, cracks, markings, kerbs, paving, grass."""

from __future__ import annotations

import cv2
import numpy as np

from restage.scene.layout import Layout
from restage.scene.noise import tiling_noise
from restage.scene.types import Floats, Image
from restage.scene.weather import Weather

METRES_PER_COLUMN = 0.05
METRES_PER_ROW = 0.08
COLUMNS = 880
ROWS = 1050  # 84 m, seven dashes of 12 m


def column(x: float) -> int:
    """Return the texture column of ``x`` metres from the ego lane's centre."""
    return round(COLUMNS / 2 + x / METRES_PER_COLUMN)


def _asphalt(rng: np.random.Generator, canvas: Floats, left: int, right: int) -> None:
    base = rng.uniform(82, 118)
    wide = right - left
    grain = tiling_noise(rng, (ROWS, wide), (ROWS // 3, max(wide // 3, 1)), 1) * 7
    blotch = tiling_noise(rng, (ROWS, wide), (14, 6)) * 4
    canvas[:, left:right] = (base + grain + blotch)[:, :, None] * np.array([1.03, 1.0, 0.98])


def _wear(rng: np.random.Generator, canvas: Floats, layout: Layout) -> None:
    for lane in layout.lanes:  # tyre tracks and the oil line
        for shift, width, tone in ((-0.8, 0.5, 0.94), (0.8, 0.5, 0.94), (0.0, 0.4, 0.95)):
            a, b = column(lane.x + shift - width / 2), column(lane.x + shift + width / 2)
            canvas[:, a:b] *= tone
    left, right = column(layout.left), column(layout.right)
    for _ in range(int(rng.integers(4, 12))):  # patches and manholes
        row, col = int(rng.integers(0, ROWS - 60)), int(rng.integers(left, right - 40))
        canvas[row : row + int(rng.integers(15, 60)), col : col + int(rng.integers(12, 40))] *= (
            rng.uniform(0.78, 1.1)
        )
    for _ in range(int(rng.integers(6, 16))):  # cracks
        steps = np.cumsum(rng.normal(0, 5, (14, 2)), axis=0)
        start = np.array([rng.integers(left, right), rng.integers(0, ROWS)])
        cv2.polylines(canvas, [(start + steps).astype(np.int32)], False, (58, 56, 55), 1)


def _markings(rng: np.random.Generator, canvas: Floats, layout: Layout) -> None:
    paint = rng.uniform(195, 235)
    worn = 0.75 + 0.2 * np.clip(tiling_noise(rng, (ROWS, COLUMNS), (90, 80), 2), -1, 1)
    mask = np.zeros((ROWS, COLUMNS), bool)
    for x, dashed in layout.marks:
        a, b = column(x - 0.07), column(x + 0.07)
        if dashed:
            for start in range(0, ROWS, 150):
                mask[start : start + 55, a:b] = True
        else:
            mask[:, a:b] = True
    for edge in (layout.left + 0.25, layout.right - 0.25):
        mask[:, column(edge - 0.06) : column(edge + 0.06)] = True
    if layout.walk and rng.random() < 0.6:  # a zebra crossing
        top = int(rng.integers(100, ROWS - 150))
        for x in np.arange(layout.left + 0.5, layout.right - 0.5, 1.0).tolist():
            mask[top : top + 40, column(x) : column(x + 0.5)] = True
    tone = paint * worn[mask]
    canvas[mask] = np.stack([tone * 0.97, tone, tone], axis=1)


def _beside(rng: np.random.Generator, canvas: Floats, layout: Layout) -> None:
    green = np.array([52.0, 98.0, 84.0]) * rng.uniform(0.75, 1.2)
    leaf = tiling_noise(rng, (ROWS, COLUMNS), (ROWS // 4, COLUMNS // 4), 1) * 11
    leaf += tiling_noise(rng, (ROWS, COLUMNS), (12, 10)) * 8
    canvas[:] = green + leaf[:, :, None] * np.array([0.6, 1.0, 0.9])
    if not layout.walk:
        return
    stone = rng.uniform(125, 165)
    slab = np.full((ROWS, COLUMNS), stone) + leaf * 0.5
    slab[::15] *= 0.82
    slab[:, ::14] *= 0.85
    for a, b in (
        (layout.left - layout.walk, layout.left),
        (layout.right, layout.right + layout.walk),
    ):
        span = slice(column(a), column(b))
        canvas[:, span] = slab[:, span, None] * np.array([0.95, 1.0, 1.02])
    for edge, out in ((layout.left, -1), (layout.right, 1)):  # kerb stones and the gutter
        inner, outer = sorted((column(edge), column(edge + out * 0.22)))
        canvas[:, inner:outer] = 178
        canvas[::25, inner:outer] = 120


def make_ground(rng: np.random.Generator, layout: Layout, weather: Weather) -> tuple[Image, ...]:
    """
    Return the road as seen from above, at four blurs along the road (near to far).

    Each is uint8, (ROWS + 1) x COLUMNS x 3; the last row repeats the first so that it tiles.
    The first carries the motion blur of a 1/100 s exposure at ego speed.
    """
    canvas = np.zeros((ROWS, COLUMNS, 3))
    _beside(rng, canvas, layout)
    _asphalt(rng, canvas, column(layout.left), column(layout.right))
    _wear(rng, canvas, layout)
    _markings(rng, canvas, layout)
    light = weather.ambient + weather.diffuse * max(weather.sun[1], 0.0)
    if weather.rain:
        road = slice(column(layout.left), column(layout.right))
        canvas[:, road] *= 0.72
        puddle = np.clip(tiling_noise(rng, (ROWS, COLUMNS), (18, 16)) - 0.7, 0, 0.5)[:, road, None]
        canvas[:, road] += puddle * (np.asarray(weather.sky_low) - canvas[:, road])
    sharp = np.clip(canvas * light, 0, 255).astype(np.uint8)
    levels: list[Image] = []
    for metres in (layout.ego_speed * 0.01, 0.45, 2.2, 12.0):
        rows = max(1, round(metres / METRES_PER_ROW))
        tall = np.concatenate([sharp[-rows:], sharp, sharp[: rows + 1]])
        blurred = cv2.blur(tall, (1 if metres < 2 else 3, rows))[rows:-rows]
        levels.append(np.array(blurred, dtype=np.uint8))
    return tuple(levels)
