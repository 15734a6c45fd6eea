# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Signs and trees beside the road."""

from __future__ import annotations

import numpy as np

from restage.scene.camera import Camera
from restage.scene.furniture import draw_post
from restage.scene.looks import SignSize
from restage.scene.signs import KINDS, make_sign
from restage.scene.slots import Place
from restage.scene.sprites import Sprite, paste
from restage.scene.trees import make_tree
from restage.scene.types import Floats, Image
from restage.scene.weather import Weather

TREES = 3
RING = np.linspace(0, 2 * np.pi, 12, endpoint=False)


class Roadside:
    """Owns the sprites of signs and trees and draws them."""

    def __init__(self, rng: np.random.Generator, weather: Weather) -> None:
        """Paint the sprites."""
        self._weather = weather
        self._signs = [Sprite.of(*make_sign(kind)) for kind in KINDS]
        self._trees = [Sprite.of(*make_tree(rng)) for _ in range(TREES)]

    def sign(
        self, canvas: Image, place: Place, camera: Camera, variant: int, size: SignSize
    ) -> Floats:
        """Draw a sign on its post; return the corners of its plate in pixels."""
        draw_post(canvas, place.x, place.z, size.height, 0.08, camera, self._weather)
        scale = camera.scale_at(place.z)
        wide = round(size.side * scale * size.turned)
        tall = round(size.side * scale)
        x, y = camera.point(place.x, size.height + size.side / 2 - 0.1, place.z)
        left, top = round(x - wide / 2), round(y - tall / 2)
        plate = self._signs[variant % len(self._signs)]
        paste(canvas, plate, (left, top, wide, tall), place.z, self._weather)
        right, bottom = left + wide, top + tall
        return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], dtype=float)

    def tree(self, canvas: Image, place: Place, camera: Camera, variant: int) -> Floats:
        """Draw a tree; return the outline of its crown in pixels."""
        height = 4.5 + 3.0 * (variant % 97) / 97
        scale = camera.scale_at(place.z)
        tall, wide = round(height * scale), round(height * scale * 0.82)
        x, y = camera.point(place.x, 0.0, place.z)
        left, top = round(x - wide / 2), round(y) - tall
        tree = self._trees[variant % len(self._trees)]
        paste(canvas, tree, (left, top, wide, tall), place.z, self._weather)
        crown = np.stack([np.cos(RING) * 0.36 * wide, np.sin(RING) * 0.3 * tall], axis=1)
        return np.asarray(crown + np.array([left + wide / 2, top + 0.36 * tall]))
