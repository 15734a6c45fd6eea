# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The camera itself: exposure, vignette, headlight cone, rain, blur and sensor noise."""

from __future__ import annotations

import cv2
import numpy as np

from restage.scene.camera import Camera
from restage.scene.types import Floats, Image
from restage.scene.weather import Weather

SLACK = 64  # pixels by which rain and noise pictures are larger than a frame


def make_gain(camera: Camera, weather: Weather) -> Image:
    """Return the light map of the lens and the headlights: uint8 H x W x 3, 128 is neutral."""
    grid_y, grid_x = np.mgrid[0 : camera.height, 0 : camera.width]
    nx = (grid_x - camera.width / 2) / camera.width
    ny = (grid_y - camera.height / 2) / camera.height
    vignette = 1.0 - 0.45 * (nx**2 + ny**2)
    gain = vignette[:, :, None] * np.asarray(weather.gain)
    if weather.headlights and weather.name in ('night', 'dusk'):
        down = (grid_y - camera.cy) / camera.height
        beam = np.exp(-((nx / (0.2 + 0.55 * np.clip(down, 0, 1))) ** 2))
        beam *= 1 / (1 + np.exp(-(down + 0.06) / 0.03)) * np.exp(-np.clip(down, 0, 1) / 0.5)
        power = 0.75 if weather.name == 'night' else 0.25
        gain = gain + (power * beam * vignette)[:, :, None] * np.array([0.88, 0.98, 1.0])
    return np.asarray(np.clip(gain * 128, 0, 255), dtype=np.uint8)


def make_rain(rng: np.random.Generator, width: int, height: int, weather: Weather) -> Image | None:
    """Return streaks of light to add (uint8, larger than a frame), or None when dry."""
    if not weather.rain:
        return None
    sheet: Image = np.zeros((height + SLACK, width + SLACK), np.uint8)
    slant = rng.uniform(-0.25, 0.25)
    for _ in range(int(700 * weather.rain)):
        x, y = int(rng.integers(0, width + SLACK)), int(rng.integers(0, height + SLACK))
        long = int(rng.integers(8, 34))
        end = (int(x + slant * long), y + long)
        cv2.line(sheet, (x, y), end, int(rng.integers(14, 60)), 1, cv2.LINE_AA)
    soft = cv2.GaussianBlur(sheet, (3, 3), 0)
    return np.asarray(cv2.cvtColor(soft, cv2.COLOR_GRAY2BGR), dtype=np.uint8)


class Sensor:
    """Turns light into a picture: gain, glare, rain, blur, noise; random per frame index."""

    def __init__(self, rng: np.random.Generator, camera: Camera, weather: Weather) -> None:
        """Precompute maps; a third of the scenes have a slightly soft lens."""
        self._gain = make_gain(camera, weather)
        self._rain = make_rain(rng, camera.width, camera.height, weather)
        shape = (camera.height + SLACK, camera.width + SLACK, 3)
        noise: Floats = rng.standard_normal(shape) * weather.noise
        noise += rng.standard_normal((*shape[:2], 1)) * weather.noise * 0.6
        self._plus = np.clip(np.round(noise), 0, 255).astype(np.uint8)
        self._minus = np.clip(np.round(-noise), 0, 255).astype(np.uint8)
        self._soft = 3 if rng.random() < 0.33 else 1

    def expose(self, light: Image) -> None:
        """Apply exposure, headlights, vignette and colour cast in place."""
        cv2.multiply(light, self._gain, light, 1 / 128)

    def finish(self, image: Image, rng: np.random.Generator, shake: bool) -> Image:
        """Add rain, blur and noise to ``image`` (uint8 H x W x 3); return the picture."""
        height, width = image.shape[:2]
        offsets = rng.integers(0, SLACK, 4).tolist()
        if self._rain is not None:
            y, x = offsets[:2]
            cv2.add(image, self._rain[y : y + height, x : x + width], image)
        wide = 5 if shake else self._soft
        if wide > 1:
            image[:] = cv2.blur(image, (wide, self._soft))
        y, x = offsets[2:]
        cv2.add(image, self._plus[y : y + height, x : x + width], image)
        cv2.subtract(image, self._minus[y : y + height, x : x + width], image)
        return image
