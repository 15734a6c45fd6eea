# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Light and weather: seven kinds, each varied by the scene's random generator."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from restage.scene.types import Colour, Floats

WEATHERS = ('day', 'overcast', 'dusk', 'night', 'fog', 'rain', 'low_sun')


@dataclass(frozen=True, kw_only=True)
class Weather:
    """
    Everything the renderer needs to know about light; colours are BGR, 0 to 255.

    ``gain`` multiplies the finished picture (colour cast and darkness), ``haze`` is the fog
    density per metre, ``sun`` the unit vector towards the light, ``ambient`` and ``diffuse``
    the two light terms, ``rain`` the streak strength, ``noise`` the sensor noise (sigma).
    """

    name: str
    sky_top: Colour
    sky_low: Colour
    clouds: float
    gain: Colour
    ambient: float
    diffuse: float
    sun: tuple[float, float, float]
    haze: float
    haze_colour: Colour
    rain: float = 0.0
    noise: float = 2.5
    headlights: bool = False
    glare: float = 0.0
    shadow: float = 0.5

    def transmittance(self, depth: float) -> float:
        """Return the share of an object's own light that crosses ``depth`` metres of air."""
        return float(np.exp(-self.haze * depth))

    def shade(self, colours: Floats, facing: Floats, depth: float) -> Floats:
        """Light F x 3 colours by F cosines to the sun, then veil them by the air between."""
        light = self.ambient + self.diffuse * np.maximum(facing, 0.0)
        through = self.transmittance(depth)
        veil = np.asarray(self.haze_colour) * (1.0 - through)
        return np.asarray(np.minimum(colours * light[:, None] * through + veil, 255.0))

    def tint(self, colour: Colour, depth: float, facing: float = 0.5) -> Colour:
        """Light and veil one colour."""
        b, g, r = self.shade(np.array([colour]), np.array([facing]), depth)[0].tolist()
        return b, g, r


def _sun(rng: np.random.Generator, height: float) -> tuple[float, float, float]:
    angle = rng.uniform(0.0, 2.0 * np.pi)
    flat = float(np.sqrt(1.0 - height * height))
    return flat * float(np.cos(angle)), height, flat * float(np.sin(angle))


def _cast(rng: np.random.Generator, level: float, bgr: Colour, spread: float = 0.05) -> Colour:
    b, g, r = (level * c * (1.0 + rng.uniform(-spread, spread)) for c in bgr)
    return b, g, r


def make_weather(name: str, rng: np.random.Generator) -> Weather:
    """
    Return a variation of the weather called ``name``.

    :raises ValueError: when the name is not one of ``WEATHERS``.
    """
    if name == 'day':
        return Weather(
            name=name, sky_top=(225, 165, 95), sky_low=(240, 222, 200), clouds=rng.uniform(0.2, 0.9),
            gain=_cast(rng, rng.uniform(0.92, 1.08), (1, 1, 1)), ambient=0.55, diffuse=0.5,
            sun=_sun(rng, rng.uniform(0.5, 0.9)), haze=rng.uniform(0.0005, 0.003),
            haze_colour=(226, 214, 200), noise=rng.uniform(1, 3), shadow=0.6,
        )  # fmt: skip
    if name == 'overcast':
        return Weather(
            name=name, sky_top=(178, 172, 166), sky_low=(212, 208, 204), clouds=0.5,
            gain=_cast(rng, rng.uniform(0.8, 1.0), (1.03, 1, 0.98)), ambient=0.72, diffuse=0.2,
            sun=_sun(rng, 0.9), haze=rng.uniform(0.001, 0.005), haze_colour=(205, 203, 200),
            noise=rng.uniform(1, 4), shadow=0.3,
        )  # fmt: skip
    if name == 'dusk':
        return Weather(
            name=name, sky_top=(120, 72, 62), sky_low=(90, 140, 235), clouds=0.8,
            gain=_cast(rng, rng.uniform(0.5, 0.68), (1.02, 0.94, 1.06)), ambient=0.6, diffuse=0.35,
            sun=_sun(rng, 0.25), haze=rng.uniform(0.001, 0.004), haze_colour=(140, 140, 190),
            noise=rng.uniform(3, 6), headlights=True, shadow=0.35,
        )  # fmt: skip
    if name == 'night':
        return Weather(
            name=name, sky_top=(60, 36, 24), sky_low=(96, 70, 58), clouds=0.3,
            gain=_cast(rng, rng.uniform(0.27, 0.36), (1.08, 1, 0.98)), ambient=0.75, diffuse=0.15,
            sun=_sun(rng, 0.8), haze=rng.uniform(0.002, 0.006), haze_colour=(60, 52, 48),
            noise=rng.uniform(4, 7), headlights=True, shadow=0.3,
        )  # fmt: skip
    if name == 'fog':
        grey = rng.uniform(185, 215)
        return Weather(
            name=name, sky_top=(grey, grey, grey), sky_low=(grey, grey, grey), clouds=0.05,
            gain=_cast(rng, rng.uniform(0.75, 1.0), (1, 1, 1)), ambient=0.7, diffuse=0.2,
            sun=_sun(rng, 0.9), haze=rng.uniform(0.014, 0.03), haze_colour=(grey, grey, grey),
            noise=rng.uniform(2, 4), shadow=0.15, headlights=bool(rng.random() < 0.5),
        )  # fmt: skip
    if name == 'rain':
        return Weather(
            name=name, sky_top=(140, 132, 124), sky_low=(176, 170, 164), clouds=0.6,
            gain=_cast(rng, rng.uniform(0.6, 0.8), (1.06, 1, 0.95)), ambient=0.68, diffuse=0.15,
            sun=_sun(rng, 0.9), haze=rng.uniform(0.004, 0.011), haze_colour=(172, 168, 162),
            rain=rng.uniform(0.5, 1.0), noise=rng.uniform(2, 5), headlights=True, shadow=0.3,
        )  # fmt: skip
    if name == 'low_sun':
        side = rng.uniform(-0.35, 0.35)
        return Weather(
            name=name, sky_top=(205, 160, 120), sky_low=(170, 215, 250), clouds=0.4,
            gain=_cast(rng, rng.uniform(0.85, 1.0), (0.82, 0.98, 1.1)), ambient=0.5, diffuse=0.5,
            sun=(side, 0.2, float(np.sqrt(0.96 - side * side))), haze=rng.uniform(0.002, 0.006),
            haze_colour=(175, 210, 240), noise=rng.uniform(2, 4), glare=rng.uniform(0.5, 1.0),
            shadow=0.65,
        )  # fmt: skip
    raise ValueError(f"no weather '{name}'; choose one of: {', '.join(WEATHERS)}")
