# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Light and air: how colours look under a weather."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from restage.scene.types import Colour, Floats


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
