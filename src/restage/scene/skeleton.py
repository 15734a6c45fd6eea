# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Figures made of limbs: posed in 3-D, drawn as rounded strokes and discs."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import cos, pi, sin

import cv2
import numpy as np

from restage.scene.camera import Camera
from restage.scene.mesh import rotation
from restage.scene.types import Colour, Floats, Image
from restage.scene.weather import Weather

SHIFT = 3
THINNEST = 0.3  # pixels: thinner parts (far spokes) are not drawn
CIRCLE = tuple((sin(k * pi / 9), cos(k * pi / 9)) for k in range(18))


@dataclass
class Figure:
    """Strokes (two points and a width), discs and polygons in drawing order, in metres."""

    points: list[tuple[float, float, float]] = field(default_factory=list)
    parts: list[tuple[str, tuple[int, int], float, Colour]] = field(default_factory=list)

    def _add(
        self, kind: str, points: tuple[tuple[float, float, float], ...], size: float, colour: Colour
    ) -> None:
        first = len(self.points)
        self.points.extend(points)
        self.parts.append((kind, (first, first + len(points)), size, colour))

    def limb(
        self,
        a: tuple[float, float, float],
        b: tuple[float, float, float],
        width: float,
        colour: Colour,
    ) -> None:
        """Add a rounded stroke ``width`` metres thick."""
        self._add('limb', (a, b), width, colour)

    def disc(self, at: tuple[float, float, float], radius: float, colour: Colour) -> None:
        """Add a ball of ``radius`` metres."""
        self._add('disc', (at,), 2 * radius, colour)

    def ring(
        self, at: tuple[float, float, float], radius: float, width: float, colour: Colour
    ) -> None:
        """Add a wheel's rim in the plane of travel."""
        x, y, z = at
        rim = tuple((x, y + radius * up, z + radius * ahead) for up, ahead in CIRCLE)
        self._add('ring', rim, width, colour)

    def hull(
        self, corners: tuple[tuple[float, float, float], ...], puff: float, colour: Colour
    ) -> None:
        """Add the filled convex outline of ``corners``, swollen by ``puff`` metres."""
        self._add('hull', corners, puff, colour)


def _far_to_near(figure: Figure, depths: Floats) -> list[int]:
    starts = np.array([part[1][0] for part in figure.parts])
    counts = np.array([part[1][1] for part in figure.parts]) - starts
    means = np.add.reduceat(depths, starts) / counts
    return [int(index) for index in np.argsort(-np.round(means, 2), kind='stable')]


def draw_figure(
    canvas: Image, figure: Figure, place: Floats, heading: float, camera: Camera, weather: Weather
) -> Floats:
    """Paint the figure; return outline points (pixels) that span all that was painted."""
    turned = np.array(figure.points) @ rotation(heading).T + place
    pixels = camera.project(turned)
    fixed = np.clip(pixels * (1 << SHIFT), -400_000, 400_000).astype(np.int32)
    scale = camera.scale_at(float(place[2]))
    side = float(np.clip(0.5 + 0.4 * weather.sun[1], 0.2, 1.0))
    colours = np.array([part[3] for part in figure.parts], dtype=float)
    shades = weather.shade(colours, np.full(len(colours), side), float(place[2])).tolist()
    spread = np.empty((len(pixels), 1))
    for index in _far_to_near(figure, turned[:, 2]):
        kind, (first, last), size, _ = figure.parts[index]
        shade = shades[index]
        wide = size * scale
        spread[first:last] = max(wide, 1.0) * 0.5
        if wide < THINNEST:
            continue
        at = fixed[first:last]
        thick = max(1, round(wide))
        if kind == 'disc':
            radius = max(round(wide * 0.5 * (1 << SHIFT)), 4)
            cv2.circle(canvas, at[0].tolist(), radius, shade, -1, cv2.LINE_AA, SHIFT)
        elif kind == 'hull':
            hull = cv2.convexHull(at)
            cv2.fillConvexPoly(canvas, hull, shade, cv2.LINE_AA, SHIFT)
            if thick > 1:
                cv2.polylines(canvas, [hull], True, shade, thick, cv2.LINE_AA, SHIFT)
        else:
            cv2.polylines(canvas, [at], kind == 'ring', shade, thick, cv2.LINE_AA, SHIFT)
    return np.concatenate([pixels - spread, pixels + spread])
