# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Pinhole camera of the ego vehicle (metres in, pixels out)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from restage.scene.types import Floats

NEAR = 0.6
CAMERA_HEIGHT = 1.4


@dataclass(frozen=True, kw_only=True)
class Camera:
    """
    A pinhole camera looking along +z, x to the right, y up, the road at y = 0.

    ``cx, cy`` is the vanishing point in pixels; small yaw and pitch move it by whole pixels.
    ``lateral`` is the camera's sideways offset from the lane centre in metres.
    """

    width: int
    height: int
    focal: float
    cx: float
    cy: float
    lateral: float = 0.0

    def project(self, points: Floats) -> Floats:
        """Project N x 3 points (m) to N x 2 pixels; depth is clamped to the near plane."""
        depth = np.maximum(points[:, 2], NEAR)
        scale = self.focal / depth
        out = np.empty((len(points), 2))
        out[:, 0] = self.cx + (points[:, 0] - self.lateral) * scale
        out[:, 1] = self.cy - (points[:, 1] - CAMERA_HEIGHT) * scale
        return out

    def point(self, x: float, y: float, z: float) -> tuple[float, float]:
        """Project one point (m) to pixels."""
        scale = self.scale_at(z)
        return self.cx + (x - self.lateral) * scale, self.cy - (y - CAMERA_HEIGHT) * scale

    def sees(self, x: float, z: float, half: float, reach: float = 0.0) -> bool:
        """Tell whether something ``half`` m wide and ``reach`` m long at x, z can be in view."""
        side = max(abs(x - self.lateral) - half, 0.0)
        return z + reach > NEAR and side * self.focal <= (z + reach) * (self.width * 0.5 + 30)

    def scale_at(self, depth: float) -> float:
        """Return pixels per metre at ``depth`` metres."""
        return self.focal / max(depth, NEAR)
