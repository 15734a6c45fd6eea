# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Cars: saloon, hatchback, estate, SUV and van bodies with glass, lights and wheels."""

from __future__ import annotations

import numpy as np

from restage.scene.mesh import Lamp, Mesh, MeshBuilder
from restage.scene.solids import Slab, decal, frustum, wheel
from restage.scene.types import Colour

PAINTS: tuple[Colour, ...] = (
    (200, 200, 205),
    (60, 60, 62),
    (38, 38, 40),
    (150, 152, 155),
    (46, 40, 170),
    (140, 70, 36),
    (88, 60, 40),
    (52, 96, 60),
    (60, 150, 200),
    (210, 208, 196),
    (110, 100, 96),
    (36, 30, 96),
)
GLASS: Colour = (58, 50, 44)
SHEEN: Colour = (148, 132, 118)
# name: length, height, belt line, roof start and end (share of the length), windscreen rake
BODIES = {
    'saloon': (4.7, 1.45, 0.92, 0.16, 0.70, 0.10),
    'hatchback': (4.1, 1.48, 0.93, 0.02, 0.66, 0.11),
    'estate': (4.7, 1.50, 0.94, 0.01, 0.70, 0.10),
    'suv': (4.5, 1.72, 1.05, 0.02, 0.70, 0.08),
    'van': (4.9, 1.95, 1.10, 0.0, 0.80, 0.09),
}


def make_car(rng: np.random.Generator) -> Mesh:
    """Build a random car standing on y = 0, centred, its nose towards +z (m)."""
    name = str(rng.choice(list(BODIES), p=[0.28, 0.27, 0.17, 0.2, 0.08]))
    length, height, belt, roof_back, roof_front, rake = BODIES[name]
    scale = rng.uniform(0.95, 1.05)
    length, height, half = length * scale, height * scale, rng.uniform(0.86, 0.95)
    b, g, r = (float(np.clip(c * rng.uniform(0.8, 1.1), 8, 245)) for c in PAINTS[rng.integers(12)])
    paint = (b, g, r)
    dark = (b * 0.45, g * 0.45, r * 0.45)
    back, front = -length / 2, length / 2
    builder = MeshBuilder()
    for z in (back + 0.19 * length, front - 0.19 * length):
        for x in (-half + 0.02, half - 0.02):
            wheel(builder, x, z, 0.33, 0.22)
    body = frustum(
        builder,
        Slab(y=0.24, back=back + 0.06, front=front - 0.06, half=half - 0.03),
        Slab(y=belt, back=back + 0.04, front=front - 0.12, half=half - 0.05),
        paint,
    )
    for side in ('left', 'right'):
        decal(builder, side, body[side], (0, 1, 0, 0.16), dark)
        decal(builder, side, body[side], (0.02, 0.98, 0.8, 0.86), (b * 1.08, g * 1.08, r * 1.08))
        for s in (0.36, 0.56):
            decal(builder, side, body[side], (s, s + 0.006, 0.2, 1.0), dark)
        decal(builder, side, body[side], (0.13, 0.25, 0.0, 0.56), (18, 18, 18))
        decal(builder, side, body[side], (0.75, 0.87, 0.0, 0.56), (18, 18, 18))
    red = (36.0, 28.0, 190.0)
    for s0, s1 in ((0.0, 0.17), (0.83, 1.0)):
        decal(builder, 'rear', body['rear'], (s0, s1, 0.62, 0.92), red)
        decal(builder, 'front', body['front'], (s0, s1, 0.6, 0.86), (235, 235, 230))
    decal(builder, 'rear', body['rear'], (0, 1, 0, 0.26), dark)
    decal(builder, 'rear', body['rear'], (0.35, 0.65, 0.4, 0.58), (215, 225, 228))
    decal(builder, 'front', body['front'], (0.2, 0.8, 0.42, 0.72), (28, 28, 28))
    decal(builder, 'front', body['front'], (0, 1, 0, 0.2), dark)
    decal(builder, 'front', body['front'], (0.36, 0.64, 0.2, 0.36), (215, 225, 228))
    for z in (back + 0.19 * length, front - 0.19 * length):
        for x in (-half + 0.01, half - 0.01):
            wheel(builder, x, z, 0.32, 0.02)
    top = Slab(
        y=height,
        back=back + (roof_back + 0.07) * length,
        front=back + (roof_front - rake) * length,
        half=half - 0.2,
    )
    low = Slab(
        y=belt,
        back=back + roof_back * length + 0.05,
        front=back + roof_front * length,
        half=half - 0.06,
    )
    cabin = frustum(builder, low, top, paint)
    for end in ('rear', 'front'):
        decal(builder, end, cabin[end], (0.07, 0.93, 0.08, 0.88), GLASS)
        decal(builder, end, cabin[end], (0.1, 0.9, 0.55, 0.84), SHEEN)
    for side in ('left', 'right'):
        for s0, s1 in ((0.07, 0.47), (0.52, 0.92)):
            decal(builder, side, cabin[side], (s0, s1, 0.08, 0.84), GLASS)
            decal(builder, side, cabin[side], (s0 + 0.02, s1 - 0.02, 0.5, 0.8), SHEEN)
    for x in (-half * 0.8, half * 0.8):
        builder.lamps.append(Lamp(place=(x, 0.72, back), colour=(40, 40, 255), forward=False))
        builder.lamps.append(Lamp(place=(x, 0.68, front), colour=(225, 245, 255), forward=True))
    return builder.build()
