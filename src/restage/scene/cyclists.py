# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Cyclists: a bicycle with turning cranks and a rider on it."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, pi, sin

import numpy as np

from restage.scene.pedestrians import CLOTH, HAIR, SKIN, dim
from restage.scene.skeleton import Figure
from restage.scene.types import Colour

HELMETS: tuple[Colour, ...] = ((210, 210, 215), (40, 40, 190), (190, 90, 40), (30, 30, 30))


@dataclass(frozen=True, kw_only=True)
class Rider:
    """Looks of one rider; ``size`` scales the person, ``lean`` tilts the back forward (m)."""

    size: float
    lean: float
    top: Colour
    legs: Colour
    skin: Colour
    hat: Colour
    frame: Colour
    phase: float


def make_rider(rng: np.random.Generator) -> Rider:
    """Draw a random rider and bicycle."""
    helmet = rng.random() < 0.7
    return Rider(
        size=float(rng.uniform(0.93, 1.08)),
        lean=float(rng.uniform(0.12, 0.5)),
        top=CLOTH[rng.integers(12)],
        legs=CLOTH[rng.integers(12)],
        skin=SKIN[rng.integers(4)],
        hat=HELMETS[rng.integers(4)] if helmet else HAIR[rng.integers(4)],
        frame=CLOTH[rng.integers(12)],
        phase=float(rng.uniform(0, 6.28)),
    )


def pose_rider(rider: Rider, turn: float) -> Figure:
    """Return bicycle and rider at crank angle ``turn`` (radians), facing +z, wheels on y = 0."""
    figure = Figure()
    k = rider.size
    tyre: Colour = (24, 24, 24)
    hub_back, hub_front, radius = (0.0, 0.34, -0.52), (0.0, 0.34, 0.54), 0.33
    crank, seat, bar = (0.0, 0.3, -0.08), (0.0, 0.92 * k, -0.24), (0.0, 1.02 * k, 0.4)
    for hub in (hub_back, hub_front):
        figure.ring(hub, radius, 0.045, tyre)
        for spoke in (turn * 0.8, turn * 0.8 + 1.57):
            dy, dz = radius * sin(spoke), radius * cos(spoke)
            figure.limb(
                (0, hub[1] - dy, hub[2] - dz), (0, hub[1] + dy, hub[2] + dz), 0.008, (120, 120, 120)
            )
    for a, b in (
        (hub_back, crank),
        (crank, bar),
        (crank, seat),
        (hub_back, seat),
        (seat, bar),
        (hub_front, bar),
    ):
        figure.limb(a, b, 0.045, rider.frame)
    figure.limb((-0.27, bar[1], bar[2]), (0.27, bar[1], bar[2]), 0.035, (40, 40, 40))
    figure.disc((0.0, 0.8, -0.44), 0.045, (40, 30, 210))
    hip = (seat[1] + 0.06, seat[2])
    shoulder = (hip[0] + 0.56 * k - rider.lean * 0.3, hip[1] + 0.18 + rider.lean)
    for x, angle, shade in ((0.1, turn, 0.8), (-0.1, turn + pi, 1.0)):
        at = angle + rider.phase
        foot = (x, crank[1] + 0.17 * sin(at), crank[2] + 0.17 * cos(at))
        knee = (x, (hip[0] + foot[1]) / 2 + 0.1, (hip[1] + foot[2]) / 2 + 0.26)
        tone = dim(rider.legs, shade)
        figure.limb((x, hip[0], hip[1]), knee, 0.15 * k, tone)
        figure.limb(knee, foot, 0.11 * k, tone)
        figure.limb(foot, (x, foot[1] - 0.02, foot[2] + 0.14), 0.08, (30, 28, 28))
    torso = (
        (-0.13, hip[0], hip[1]),
        (0.13, hip[0], hip[1]),
        (-0.19, shoulder[0], shoulder[1]),
        (0.19, shoulder[0], shoulder[1]),
    )
    figure.hull(torso, 0.16, rider.top)
    for x in (-0.2, 0.2):
        elbow = (x * 1.25, (shoulder[0] + bar[1]) / 2 - 0.05, (shoulder[1] + bar[2]) / 2)
        figure.limb((x, shoulder[0], shoulder[1]), elbow, 0.09, rider.top)
        figure.limb(elbow, (x, bar[1] + 0.03, bar[2]), 0.075, rider.skin)
    head = (0.0, shoulder[0] + 0.2 * k, shoulder[1] + 0.08)
    figure.disc(head, 0.115 * k, rider.skin)
    figure.disc((0.0, head[1] + 0.05, head[2] - 0.02), 0.11 * k, rider.hat)
    return figure
