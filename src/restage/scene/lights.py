# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Lamps of vehicles and streets as the camera sees them."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, sin

from restage.scene.camera import Camera
from restage.scene.mesh import Mesh
from restage.scene.slots import Place

LARGEST = 45.0  # pixels


@dataclass(frozen=True, kw_only=True)
class Light:
    """A lamp as seen: pixel, colour, radius in pixels, id of the object that carries it."""

    x: float
    y: float
    red: bool
    radius: float
    owner: int = 0


def vehicle_lights(mesh: Mesh, place: Place, camera: Camera, owner: int) -> list[Light]:
    """Return the lamps of a vehicle that shine towards the camera."""
    oncoming = place.slot.heading != 0.0
    cosine, sine = cos(place.slot.heading), sin(place.slot.heading)
    lights = []
    for lamp in mesh.lamps:
        side, up, ahead = lamp.place
        depth = place.z - sine * side + cosine * ahead
        if lamp.forward is not oncoming or depth < 2.0:
            continue
        x, y = camera.point(place.x + cosine * side + sine * ahead, up, depth)
        radius = (0.75 if lamp.forward else 0.42) * camera.scale_at(depth) + 2
        lights.append(
            Light(x=x, y=y, red=not lamp.forward, radius=min(radius, LARGEST), owner=owner)
        )
    return lights


def street_light(place: Place, camera: Camera) -> list[Light]:
    """Return the light of a street lamp, once it is far enough ahead to be in view."""
    if place.z < 4:
        return []
    reach = -2.1 if place.x > 0 else 2.1
    x, y = camera.point(place.x + reach, 6.75, place.z)
    return [Light(x=x, y=y, red=False, radius=min(camera.scale_at(place.z) + 2, LARGEST))]
