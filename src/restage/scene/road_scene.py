# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The rendered road: a seeded, endless, random-access stream of frames with ground truth."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from restage.scene.backdrop import make_strip
from restage.scene.backdrop_view import BackdropView
from restage.scene.camera import Camera
from restage.scene.effects import Sensor
from restage.scene.ground import make_ground
from restage.scene.ground_view import GroundView
from restage.scene.layout import make_layout
from restage.scene.lights import Light
from restage.scene.painter import Painter
from restage.scene.population import Population
from restage.scene.sky import make_glare, make_sky, shine_on_sky
from restage.scene.slots import locate
from restage.scene.sprites import glow, make_halo
from restage.scene.truth import TruthBuilder
from restage.scene.types import Image, SceneFrame
from restage.scene.weathers import WEATHERS, make_weather

FRAME_RATE = 30.0
MARGIN = 24  # pixels the vanishing point may wander
CLOSEST = 2.6  # metres: nearer objects are not drawn


class RoadScene:
    """
    A drive along one road.

    ``frame(index)`` is a pure function of the constructor's arguments and ``index`` (time is
    index / 30 s): any order of calls, in any process, gives the same pixels and boxes.
    """

    def __init__(
        self, seed: int, width: int = 640, height: int = 384, weather: str | None = None
    ) -> None:
        """
        Build the road.

        :param seed: non-negative; decides road, traffic and looks.
        :param width: image width in pixels, even, at least 160.
        :param height: image height in pixels, even, at least 96.
        :param weather: one of ``WEATHERS``, or None to let the seed choose.
        :raises ValueError: for a bad seed, size or weather.
        """
        if seed < 0:
            raise ValueError(f'seed must not be negative, got {seed}')
        if width < 160 or height < 96 or width % 2 or height % 2:
            raise ValueError(f'size must be even and at least 160 x 96, got {width} x {height}')
        rng = np.random.default_rng([seed, 0])
        name = weather or str(rng.choice(WEATHERS))
        self._seed = seed
        self._weather = make_weather(name, np.random.default_rng([seed, 1]))
        self._layout = make_layout(rng)
        self._camera = Camera(
            width=width, height=height, focal=0.95 * width, cx=width / 2, cy=round(0.42 * height)
        )
        size = (width + 2 * MARGIN, round(0.42 * height) + MARGIN)
        self._sky = make_sky(rng, *size, self._weather)
        self._ground = GroundView(
            make_ground(rng, self._layout, self._weather), self._camera, MARGIN, self._weather
        )
        strips = (
            make_strip(rng, self._layout, self._weather),
            make_strip(rng, self._layout, self._weather),
        )
        self._backdrop = BackdropView(
            strips, self._layout.wall, self._camera, MARGIN, self._weather
        )
        self._slots = Population(self._layout, rng).build()
        self._painter = Painter(seed, rng, self._weather)
        self._sensor = Sensor(rng, self._camera, self._weather)
        self._glare = make_glare(width, height, self._weather)
        shine_on_sky(self._sky, self._weather, width, height)
        self._halos = (make_halo((150, 190, 210)), make_halo((30, 30, 215)))
        self._sway = rng.uniform(0, 6.28, 4)
        self._shaky = rng.random() < 0.15

    @property
    def weather(self) -> str:
        """Return the name of this scene's weather."""
        return self._weather.name

    def frame(self, index: int) -> SceneFrame:
        """Render frame ``index`` (any integer)."""
        time = index / FRAME_RATE
        camera = self._camera_at(time)
        canvas = self._background(camera, time)
        truth = TruthBuilder(camera.width, camera.height)
        places = [locate(slot, time) for slot in self._slots]
        lights: list[Light] = []
        for place in sorted(places, key=lambda place: (-place.z, place.slot.index)):
            if place.z > CLOSEST or place.slot.kind in ('rail', 'vehicle', 'parked'):
                if place.slot.kind != 'rail' and place.z < CLOSEST - 4:
                    continue
                lights.extend(self._painter.draw(canvas, truth, place, camera, time))
        self._sensor.expose(canvas)
        for light in lights:
            if truth.owner(light.x, light.y) == light.owner:
                glow(canvas, self._halos[int(light.red)], light.x, light.y, light.radius)
        if self._glare is not None:
            cv2.add(canvas, self._glare, canvas)
        rng = np.random.default_rng([self._seed, 7, index & 0xFFFFFFFF])
        image = self._sensor.finish(canvas, rng, self._shaky and index % 3 == 0)
        return SceneFrame(image=image, objects=truth.objects())

    def _camera_at(self, time: float) -> Camera:
        a, b, c, d = self._sway.tolist()
        yaw = round(9 * np.sin(0.31 * time + a) + 4 * np.sin(0.83 * time + b))
        pitch = round(2.2 * np.sin(2.1 * time + c) + 1.3 * np.sin(5.3 * time + d))
        lateral = 0.22 * float(np.sin(0.27 * time + b))
        base = self._camera
        return replace(base, cx=base.cx + yaw, cy=base.cy + pitch, lateral=lateral)

    def _background(self, camera: Camera, time: float) -> Image:
        canvas = np.empty((camera.height, camera.width, 3), np.uint8)
        horizon = int(camera.cy)
        left = MARGIN - round(camera.cx - self._camera.cx)
        bottom = self._sky.shape[0]
        canvas[:horizon] = self._sky[bottom - horizon :, left : left + camera.width]
        travelled = self._layout.ego_speed * time
        self._ground.draw(canvas, camera, travelled)
        self._backdrop.draw(canvas, camera, travelled)
        return canvas
