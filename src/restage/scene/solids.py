# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Boxes that taper, wheels and other parts vehicles are made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from restage.scene.mesh import MeshBuilder, patch
from restage.scene.types import Colour, Floats

# face name: axis (x, y, z) and direction of its outward normal
DIRECTIONS = {'top': (1, 1), 'front': (2, 1), 'rear': (2, -1), 'left': (0, -1), 'right': (0, 1)}
TYRE: Colour = (26, 25, 25)


@dataclass(frozen=True, kw_only=True)
class Slab:
    """A rectangle at height ``y`` from ``back`` to ``front`` (m), ``half`` wide either side."""

    y: float
    back: float
    front: float
    half: float

    def corners(self) -> Floats:
        """Return back-left, back-right, front-right, front-left."""
        return np.array(
            [
                [-self.half, self.y, self.back],
                [self.half, self.y, self.back],
                [self.half, self.y, self.front],
                [-self.half, self.y, self.front],
            ]
        )


def frustum(builder: MeshBuilder, low: Slab, high: Slab, colour: Colour) -> dict[str, Floats]:
    """Add a tapered box between two slabs; return the corners of its named faces."""
    a, b = low.corners(), high.corners()
    faces = {
        'top': np.stack([b[0], b[1], b[2], b[3]]),
        'front': np.stack([a[2], a[3], b[3], b[2]]),
        'rear': np.stack([a[0], a[1], b[1], b[0]]),
        'left': np.stack([a[3], a[0], b[0], b[3]]),
        'right': np.stack([a[1], a[2], b[2], b[1]]),
    }
    for name, corners in faces.items():
        builder.face(corners, colour, outward(name, corners))
    return faces


def outward(name: str, corners: Floats) -> Floats:
    """Return the outward normal of a frustum face."""
    normal = np.cross(corners[1] - corners[0], corners[3] - corners[0])
    axis, sign = DIRECTIONS[name]
    return np.asarray(normal if normal[axis] * sign > 0 else -normal)


def decal(
    builder: MeshBuilder,
    name: str,
    face: Floats,
    area: tuple[float, float, float, float],
    colour: Colour,
) -> None:
    """Paint ``area`` (s0, s1, t0, t1; s along the lower edge, t up) of a face."""
    builder.face(patch(face, *area), colour, outward(name, face))


def wheel(builder: MeshBuilder, x: float, z: float, radius: float, width: float) -> None:
    """Add one wheel whose outer side lies at ``x``."""
    side = 1.0 if x > 0 else -1.0
    inner = x - side * width
    a, b = min(x, inner), max(x, inner)
    for end, facing in ((z - radius * 0.9, -1.0), (z + radius * 0.9, 1.0)):
        tread = np.array([[a, 0, end], [b, 0, end], [b, radius, end], [a, radius, end]])
        builder.face(tread, TYRE, np.array([0.0, 0.0, facing]))
    turn = np.linspace(0, 2 * np.pi, 14, endpoint=False)
    for scale, colour in ((1.0, TYRE), (0.62, (150.0, 150.0, 150.0)), (0.22, (60.0, 60.0, 60.0))):
        rim = np.stack(
            [
                np.full(14, x + side * 0.01),
                radius + np.sin(turn) * radius * scale,
                z + np.cos(turn) * radius * scale,
            ],
            axis=1,
        )
        builder.face(rim, colour, np.array([side, 0.0, 0.0]))
