# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Trucks: box bodies, containers and tippers behind a cab."""

from __future__ import annotations

import numpy as np

from restage.scene.mesh import Lamp, Mesh, MeshBuilder
from restage.scene.solids import Slab, decal, frustum, wheel
from restage.scene.types import Colour, Floats

BOXES: tuple[Colour, ...] = (
    (222, 224, 226),
    (205, 205, 200),
    (130, 84, 44),
    (52, 60, 160),
    (70, 120, 70),
    (50, 150, 215),
    (150, 150, 152),
)
CABS: tuple[Colour, ...] = ((215, 215, 215), (50, 46, 150), (140, 70, 40), (60, 60, 60))


def _cargo(
    builder: MeshBuilder,
    rng: np.random.Generator,
    kind: str,
    back: float,
    front: float,
    half: float,
    height: float,
) -> dict[str, Floats]:
    colour = BOXES[int(rng.integers(len(BOXES)))]
    if kind == 'tipper':
        colour = (40.0, 150.0, 200.0) if rng.random() < 0.5 else (96.0, 104.0, 104.0)
    floor = 1.0
    box = frustum(
        builder,
        Slab(y=floor, back=back, front=front, half=half),
        Slab(y=height, back=back, front=front, half=half),
        colour,
    )
    b, g, r = colour
    dark = (b * 0.72, g * 0.72, r * 0.72)
    if kind == 'box':
        stripe = BOXES[int(rng.integers(len(BOXES)))]
        for side in ('left', 'right'):
            decal(builder, side, box[side], (0.06, 0.94, 0.3, 0.46), stripe)
            decal(builder, side, box[side], (0.3, 0.7, 0.55, 0.8), dark)
        decal(builder, 'rear', box['rear'], (0.495, 0.505, 0.02, 0.98), (50, 50, 50))
        decal(builder, 'rear', box['rear'], (0.06, 0.94, 0.3, 0.36), stripe)
    else:
        for s in np.arange(0.04, 0.97, 0.085).tolist():
            for side in ('left', 'right'):
                decal(builder, side, box[side], (s, s + 0.03, 0.05, 0.94), dark)
        for s in (0.1, 0.36, 0.6, 0.86):
            decal(builder, 'rear', box['rear'], (s, s + 0.04, 0.05, 0.95), dark)
    for side in ('left', 'right', 'rear'):
        decal(builder, side, box[side], (0, 1, 0, 0.035), (70, 70, 72))
        decal(builder, side, box[side], (0, 1, 0.97, 1.0), (120, 120, 122))
    return box


def make_truck(rng: np.random.Generator) -> Mesh:
    """Build a random truck standing on y = 0, centred, its cab towards +z (m)."""
    kind = str(rng.choice(['box', 'container', 'tipper'], p=[0.5, 0.3, 0.2]))
    length = rng.uniform(6.5, 10.0)
    half, height = rng.uniform(1.15, 1.27), rng.uniform(3.1, 3.8)
    height = height * 0.78 if kind == 'tipper' else height
    back, front = -length / 2, length / 2
    builder = MeshBuilder()
    axles = [front - 1.2, back + 1.2, back + 2.2 if length > 8 else back + 1.2]
    chassis = Slab(y=0.55, back=back + 0.1, front=front - 0.4, half=half - 0.25)
    deck = Slab(y=1.0, back=back + 0.1, front=front - 0.4, half=half - 0.25)
    for z in axles:
        for x in (-half, half):
            wheel(builder, x, z, 0.48, 0.45)
    frustum(builder, chassis, deck, (44, 44, 46))
    rear_first = [_cab, _cargo_at]
    for step in rear_first:
        step(builder, rng, kind, back, front, half, height)
    rear = np.array([[-half, 0.5, back], [half, 0.5, back], [half, 1.0, back], [-half, 1.0, back]])
    decal(builder, 'rear', rear, (0.02, 0.98, 0.1, 0.4), (60, 60, 62))
    for s0, s1 in ((0.03, 0.18), (0.82, 0.97)):
        decal(builder, 'rear', rear, (s0, s1, 0.45, 0.9), (36, 28, 190))
    decal(builder, 'rear', rear, (0.4, 0.6, 0.5, 0.85), (215, 225, 228))
    for z in axles:
        for x in (-half - 0.005, half + 0.005):
            wheel(builder, x, z, 0.47, 0.02)
    for x in (-half * 0.85, half * 0.85):
        builder.lamps.append(Lamp(place=(x, 0.82, back), colour=(40, 40, 255), forward=False))
        builder.lamps.append(Lamp(place=(x, 0.85, front), colour=(225, 245, 255), forward=True))
    return builder.build()


def _cargo_at(
    builder: MeshBuilder,
    rng: np.random.Generator,
    kind: str,
    back: float,
    front: float,
    half: float,
    height: float,
) -> None:
    _cargo(builder, rng, kind, back, front - 2.2, half, height)


def _cab(
    builder: MeshBuilder,
    rng: np.random.Generator,
    kind: str,
    back: float,
    front: float,
    half: float,
    height: float,
) -> None:
    del kind, back
    paint = CABS[int(rng.integers(len(CABS)))]
    tall = min(height, rng.uniform(2.5, 3.0))
    cab = frustum(
        builder,
        Slab(y=0.5, back=front - 2.0, front=front, half=half - 0.04),
        Slab(y=tall, back=front - 2.0, front=front - 0.25, half=half - 0.08),
        paint,
    )
    decal(builder, 'front', cab['front'], (0.05, 0.95, 0.5, 0.88), (54, 46, 40))
    decal(builder, 'front', cab['front'], (0.08, 0.92, 0.7, 0.86), (140, 126, 112))
    decal(builder, 'front', cab['front'], (0.15, 0.85, 0.24, 0.44), (36, 36, 36))
    decal(builder, 'front', cab['front'], (0.0, 1.0, 0.0, 0.1), (60, 60, 60))
    for s0, s1 in ((0.03, 0.18), (0.82, 0.97)):
        decal(builder, 'front', cab['front'], (s0, s1, 0.11, 0.21), (235, 235, 230))
    for side in ('left', 'right'):
        decal(builder, side, cab[side], (0.28, 0.86, 0.5, 0.85), (56, 48, 42))
        decal(builder, side, cab[side], (0.3, 0.84, 0.68, 0.83), (130, 118, 106))
