# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Walking people: proportions, clothes and gait."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, pi, sin

import numpy as np

from restage.scene.skeleton import Figure
from restage.scene.types import Colour

CLOTH: tuple[Colour, ...] = (
    (40, 38, 44),
    (96, 60, 40),
    (50, 44, 130),
    (150, 150, 150),
    (60, 90, 60),
    (40, 120, 180),
    (190, 190, 195),
    (120, 70, 110),
    (70, 140, 210),
    (130, 110, 60),
    (28, 28, 30),
    (30, 30, 170),
)
SKIN: tuple[Colour, ...] = ((140, 170, 215), (110, 145, 195), (70, 100, 150), (45, 65, 100))
HAIR: tuple[Colour, ...] = ((20, 22, 26), (30, 50, 80), (70, 120, 160), (130, 130, 130))


@dataclass(frozen=True, kw_only=True)
class Person:
    """Looks of one person; ``height`` in metres, ``stride`` the leg swing in radians."""

    height: float
    build: float
    top: Colour
    legs: Colour
    skin: Colour
    hair: Colour
    stride: float
    coat: bool
    bag: bool
    phase: float


def make_person(rng: np.random.Generator) -> Person:
    """Draw a random adult or child."""
    child = rng.random() < 0.12
    return Person(
        height=float(rng.uniform(1.15, 1.45) if child else rng.uniform(1.58, 1.92)),
        build=float(rng.uniform(0.85, 1.25)),
        top=CLOTH[rng.integers(12)],
        legs=CLOTH[rng.integers(12)],
        skin=SKIN[rng.integers(4)],
        hair=HAIR[rng.integers(4)],
        stride=float(rng.uniform(0.35, 0.55)),
        coat=bool(rng.random() < 0.25),
        bag=bool(rng.random() < 0.3),
        phase=float(rng.uniform(0, 6.28)),
    )


def dim(colour: Colour, by: float) -> Colour:
    """Return ``colour`` times ``by``."""
    b, g, r = colour
    return b * by, g * by, r * by


def pose_person(person: Person, step: float, walking: bool) -> Figure:
    """Return the figure at gait angle ``step`` (radians), facing +z, feet on y = 0."""
    h, w = person.height, person.build
    swing = person.stride if walking else 0.06
    figure = Figure()
    hip_y, shoulder_y = 0.52 * h, 0.81 * h
    beat = step + person.phase
    for x, angle, shade in ((0.085 * w, beat, 0.8), (-0.085 * w, beat + pi, 1.0)):
        lift = swing * sin(angle)
        bend = max(0.0, cos(angle)) * swing * 1.3
        knee = (x, hip_y - 0.25 * h * cos(lift), 0.25 * h * sin(lift))
        low = lift - bend
        ankle = (x, knee[1] - 0.25 * h * cos(low), knee[2] + 0.25 * h * sin(low))
        figure.limb((x, hip_y, 0.0), knee, 0.15 * w, dim(person.legs, shade))
        figure.limb(knee, ankle, 0.11 * w, dim(person.legs, shade))
        toe = (x, max(ankle[1] - 0.03, 0.04), ankle[2] + 0.13)
        figure.limb(ankle, toe, 0.08, (30, 28, 28))
    reach = 0.17 * w
    for x, angle, shade in ((reach + 0.04, beat + pi, 0.82), (-reach - 0.04, beat, 1.0)):
        lift = 0.8 * swing * sin(angle)
        elbow = (x * 1.1, shoulder_y - 0.17 * h * cos(lift), 0.17 * h * sin(lift))
        fore = lift + 0.35
        wrist = (x, elbow[1] - 0.15 * h * cos(fore), elbow[2] + 0.15 * h * sin(fore))
        figure.limb((x, shoulder_y, 0.0), elbow, 0.095 * w, dim(person.top, shade))
        figure.limb(elbow, wrist, 0.08 * w, dim(person.top, shade))
        figure.disc(wrist, 0.045, person.skin)
    hem = hip_y - (0.14 * h if person.coat else 0.02)
    deep = 0.08 * w
    torso = tuple(
        (x, y, z)
        for x, y in ((reach, shoulder_y), (-reach, shoulder_y), (0.13 * w, hem), (-0.13 * w, hem))
        for z in (-deep, deep)
    )
    figure.hull(torso, 0.06, person.top)
    if person.bag:
        figure.hull(
            tuple(
                (x, y, -deep - z)
                for x in (-0.13, 0.13)
                for y in (shoulder_y, shoulder_y - 0.42)
                for z in (0.03, 0.17)
            ),
            0.05,
            dim(person.legs, 0.7),
        )
    figure.limb((0, shoulder_y, 0), (0, 0.88 * h, 0), 0.1, person.skin)
    figure.disc((0, 0.93 * h, 0.01), 0.066 * h, person.skin)
    figure.disc((0, 0.962 * h, -0.03), 0.058 * h, person.hair)
    return figure
