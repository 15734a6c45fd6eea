# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Draws one slot's object and tells the ground truth what it painted over."""

from __future__ import annotations

import numpy as np

from restage.scene.camera import Camera
from restage.scene.cyclists import Rider, pose_rider
from restage.scene.furniture import draw_lamp, draw_rail
from restage.scene.lights import Light, street_light, vehicle_lights
from restage.scene.looks import SignSize, Wardrobe
from restage.scene.mesh import Mesh, draw_mesh
from restage.scene.pedestrians import Person, pose_person
from restage.scene.roadside import Roadside
from restage.scene.shadows import box_shadow, round_shadow
from restage.scene.skeleton import draw_figure
from restage.scene.slots import Place
from restage.scene.truth import TruthBuilder
from restage.scene.types import CYCLIST, PEDESTRIAN, SIGN, Image
from restage.scene.weather import Weather

FAINT = 35.0  # metres: beyond, the shadows of people are too small to see
# half width and half length in metres, for culling
EXTENT = {
    'vehicle': (1.4, 5.2),
    'parked': (1.4, 5.2),
    'pedestrian': (1.0, 0.0),
    'cyclist': (1.0, 0.8),
    'sign': (0.6, 0.0),
    'tree': (3.2, 0.0),
    'lamp': (2.6, 0.0),
    'rail': (0.2, 12.0),
}


class Painter:
    """Draws places, to be called far to near, and collects the frame's ground truth."""

    def __init__(self, seed: int, rng: np.random.Generator, weather: Weather) -> None:
        """Build the scene's models and sprites."""
        self._weather = weather
        self._wardrobe = Wardrobe(seed, rng)
        self._roadside = Roadside(rng, weather)

    def draw(
        self, canvas: Image, truth: TruthBuilder, place: Place, camera: Camera, time: float
    ) -> list[Light]:
        """Paint the object at ``place`` (m) at ``time`` (s); return its lamps in view."""
        kind = place.slot.kind
        if not camera.sees(place.x, place.z, *EXTENT[kind]):
            return []
        variant, looks = self._wardrobe.look(place)
        if variant < 0:
            return []
        if isinstance(looks, Mesh):
            return self._vehicle(canvas, truth, place, camera, variant, looks)
        if isinstance(looks, Person | Rider):
            self._figure(canvas, truth, place, camera, looks, time)
        elif isinstance(looks, SignSize):
            outline = self._roadside.sign(canvas, place, camera, variant, looks)
            truth.add(place.track_id, SIGN, outline, self._weather.transmittance(place.z))
        elif kind == 'tree':
            truth.cover(self._roadside.tree(canvas, place, camera, variant))
        elif kind == 'rail':
            draw_rail(canvas, place.x, place.z, camera, self._weather)
        elif kind == 'lamp':
            draw_lamp(canvas, place.x, place.z, camera, self._weather)
            return street_light(place, camera) if self._weather.headlights else []
        return []

    def _vehicle(
        self,
        canvas: Image,
        truth: TruthBuilder,
        place: Place,
        camera: Camera,
        class_id: int,
        mesh: Mesh,
    ) -> list[Light]:
        spot = np.array([place.x, 0.0, place.z])
        box_shadow(canvas, spot, mesh.extent, camera, self._weather)
        outline = draw_mesh(canvas, mesh, spot, place.slot.heading, camera, self._weather)
        through = self._weather.transmittance(place.z)
        number = truth.add(place.track_id, class_id, outline, through)
        if not number or not self._weather.headlights or place.slot.kind == 'parked':
            return []
        return vehicle_lights(mesh, place, camera, number)

    def _figure(
        self,
        canvas: Image,
        truth: TruthBuilder,
        place: Place,
        camera: Camera,
        looks: Person | Rider,
        time: float,
    ) -> None:
        slot, spot = place.slot, np.array([place.x, 0.0, place.z])
        on_foot = isinstance(looks, Person)
        if place.z < FAINT:
            round_shadow(canvas, spot, 0.3 if on_foot else 0.55, camera, self._weather)
        if isinstance(looks, Person):
            figure = pose_person(looks, time * (2.2 + 2.6 * slot.pace), slot.pace > 0.0)
        else:
            figure = pose_rider(looks, time * 7.0)
        heading = slot.heading if slot.pace else looks.phase
        outline = draw_figure(canvas, figure, spot, heading, camera, self._weather)
        class_id = PEDESTRIAN if on_foot else CYCLIST
        truth.add(place.track_id, class_id, outline, self._weather.transmittance(place.z))
