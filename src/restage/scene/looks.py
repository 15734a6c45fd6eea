# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What each spawned object looks like, drawn once from its own random generator."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from restage.scene.cars import make_car
from restage.scene.cyclists import Rider, make_rider
from restage.scene.mesh import Mesh
from restage.scene.pedestrians import Person, make_person
from restage.scene.slots import Place
from restage.scene.trucks import make_truck
from restage.scene.types import CAR, TRUCK

CARS, TRUCKS = 7, 4
TRUCK_SHARE = 0.38
REMEMBERED = 4096


@dataclass(frozen=True, kw_only=True)
class SignSize:
    """A sign: plate ``side`` and pole ``height`` (m), ``turned`` the cosine of its yaw."""

    side: float
    height: float
    turned: float


Looks = Mesh | Person | Rider | SignSize | None


class Wardrobe:
    """Owns a scene's vehicle models and remembers what each spawn looks like."""

    def __init__(self, seed: int, rng: np.random.Generator) -> None:
        """Build the scene's car park."""
        self._seed = seed
        self._cars = [make_car(rng) for _ in range(CARS)]
        self._trucks = [make_truck(rng) for _ in range(TRUCKS)]
        self._known: dict[int, tuple[int, Looks]] = {}

    def look(self, place: Place) -> tuple[int, Looks]:
        """Return variant and looks; the variant is -1 for a spawn left empty."""
        if place.track_id not in self._known:
            if len(self._known) > REMEMBERED:
                self._known.clear()
            self._known[place.track_id] = self._choose(place)
        return self._known[place.track_id]

    def _choose(self, place: Place) -> tuple[int, Looks]:
        rng = place.generator(self._seed)
        kind, variant = place.slot.kind, int(rng.integers(0, 1 << 20))
        if rng.random() > place.slot.fill:
            return -1, None
        if kind in ('vehicle', 'parked'):
            truck = rng.random() < (0.05 if kind == 'parked' else TRUCK_SHARE)
            pool = self._trucks if truck else self._cars
            return (TRUCK if truck else CAR), pool[variant % len(pool)]
        if kind == 'pedestrian':
            return variant, make_person(rng)
        if kind == 'cyclist':
            return variant, make_rider(rng)
        if kind == 'sign':
            side, height = rng.uniform(0.72, 0.95), rng.uniform(2.1, 2.7)
            return variant, SignSize(side=side, height=height, turned=rng.uniform(0.86, 1.0))
        return variant, None
