# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The seven weathers, each varied by the scene's random generator."""

from __future__ import annotations

import numpy as np

from restage.scene.types import Colour
from restage.scene.weather import Weather


def _sun(rng: np.random.Generator, height: float) -> tuple[float, float, float]:
    angle = rng.uniform(0.0, 2.0 * np.pi)
    flat = float(np.sqrt(1.0 - height * height))
    return flat * float(np.cos(angle)), height, flat * float(np.sin(angle))


def _cast(rng: np.random.Generator, level: float, bgr: Colour, spread: float = 0.05) -> Colour:
    b, g, r = (level * c * (1.0 + rng.uniform(-spread, spread)) for c in bgr)
    return b, g, r


def _day(rng: np.random.Generator) -> Weather:
    return Weather(
        name='day',
        sky_top=(225, 165, 95),
        sky_low=(240, 222, 200),
        clouds=rng.uniform(0.2, 0.9),
        gain=_cast(rng, rng.uniform(0.92, 1.08), (1, 1, 1)),
        ambient=0.55,
        diffuse=0.5,
        sun=_sun(rng, rng.uniform(0.5, 0.9)),
        haze=rng.uniform(0.0005, 0.003),
        haze_colour=(226, 214, 200),
        noise=rng.uniform(1, 3),
        shadow=0.6,
    )


def _overcast(rng: np.random.Generator) -> Weather:
    return Weather(
        name='overcast',
        sky_top=(178, 172, 166),
        sky_low=(212, 208, 204),
        clouds=0.5,
        gain=_cast(rng, rng.uniform(0.8, 1.0), (1.03, 1, 0.98)),
        ambient=0.72,
        diffuse=0.2,
        sun=_sun(rng, 0.9),
        haze=rng.uniform(0.001, 0.005),
        haze_colour=(205, 203, 200),
        noise=rng.uniform(1, 4),
        shadow=0.3,
    )


def _dusk(rng: np.random.Generator) -> Weather:
    return Weather(
        name='dusk',
        sky_top=(120, 72, 62),
        sky_low=(90, 140, 235),
        clouds=0.8,
        gain=_cast(rng, rng.uniform(0.5, 0.68), (1.02, 0.94, 1.06)),
        ambient=0.6,
        diffuse=0.35,
        sun=_sun(rng, 0.25),
        haze=rng.uniform(0.001, 0.004),
        haze_colour=(140, 140, 190),
        noise=rng.uniform(3, 6),
        headlights=True,
        shadow=0.35,
    )


def _night(rng: np.random.Generator) -> Weather:
    return Weather(
        name='night',
        sky_top=(60, 36, 24),
        sky_low=(96, 70, 58),
        clouds=0.3,
        gain=_cast(rng, rng.uniform(0.27, 0.36), (1.08, 1, 0.98)),
        ambient=0.75,
        diffuse=0.15,
        sun=_sun(rng, 0.8),
        haze=rng.uniform(0.002, 0.006),
        haze_colour=(60, 52, 48),
        noise=rng.uniform(4, 7),
        headlights=True,
        shadow=0.3,
    )


def _fog(rng: np.random.Generator) -> Weather:
    grey = rng.uniform(185, 215)
    return Weather(
        name='fog',
        sky_top=(grey, grey, grey),
        sky_low=(grey, grey, grey),
        clouds=0.05,
        gain=_cast(rng, rng.uniform(0.75, 1.0), (1, 1, 1)),
        ambient=0.7,
        diffuse=0.2,
        sun=_sun(rng, 0.9),
        haze=rng.uniform(0.014, 0.03),
        haze_colour=(grey, grey, grey),
        noise=rng.uniform(2, 4),
        shadow=0.15,
        headlights=bool(rng.random() < 0.5),
    )


def _rain(rng: np.random.Generator) -> Weather:
    return Weather(
        name='rain',
        sky_top=(140, 132, 124),
        sky_low=(176, 170, 164),
        clouds=0.6,
        gain=_cast(rng, rng.uniform(0.6, 0.8), (1.06, 1, 0.95)),
        ambient=0.68,
        diffuse=0.15,
        sun=_sun(rng, 0.9),
        haze=rng.uniform(0.004, 0.011),
        haze_colour=(172, 168, 162),
        rain=rng.uniform(0.5, 1.0),
        noise=rng.uniform(2, 5),
        headlights=True,
        shadow=0.3,
    )


def _low_sun(rng: np.random.Generator) -> Weather:
    side = rng.uniform(-0.35, 0.35)
    return Weather(
        name='low_sun',
        sky_top=(205, 160, 120),
        sky_low=(170, 215, 250),
        clouds=0.4,
        gain=_cast(rng, rng.uniform(0.85, 1.0), (0.82, 0.98, 1.1)),
        ambient=0.5,
        diffuse=0.5,
        sun=(side, 0.2, float(np.sqrt(0.96 - side * side))),
        haze=rng.uniform(0.002, 0.006),
        haze_colour=(175, 210, 240),
        noise=rng.uniform(2, 4),
        glare=rng.uniform(0.5, 1.0),
        shadow=0.65,
    )


_MAKERS = {
    'day': _day,
    'overcast': _overcast,
    'dusk': _dusk,
    'night': _night,
    'fog': _fog,
    'rain': _rain,
    'low_sun': _low_sun,
}
WEATHERS = tuple(_MAKERS)


def make_weather(name: str, rng: np.random.Generator) -> Weather:
    """
    Return a variation of the weather called ``name``.

    :raises ValueError: when the name is not one of ``WEATHERS``.
    """
    if name not in _MAKERS:
        raise ValueError(f"no weather '{name}'; choose one of: {', '.join(WEATHERS)}")
    return _MAKERS[name](rng)
