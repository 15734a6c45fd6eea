# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The pinhole numbers of sensor_msgs/CameraInfo, without ROS."""

from __future__ import annotations

import math
from dataclasses import dataclass

NOMINAL_FOV_DEG = 60.0


@dataclass(frozen=True)
class Intrinsics:
    """
    The fields of sensor_msgs/CameraInfo of the same (lower-case) names.

    ``width`` and ``height`` in pixels; ``k`` and ``r`` are 3 x 3, ``p`` is 3 x 4, row by row;
    ``d`` are the coefficients of ``distortion_model``.
    """

    width: int
    height: int
    distortion_model: str
    d: tuple[float, ...]
    k: tuple[float, ...]
    r: tuple[float, ...]
    p: tuple[float, ...]


def nominal_intrinsics(width: int, height: int, fov_deg: float = NOMINAL_FOV_DEG) -> Intrinsics:
    """
    Return an ideal pinhole camera: square pixels, centred, no distortion.

    The numbers are nominal: nothing was calibrated. ``fov_deg`` is the horizontal field of
    view in degrees.

    :raises ValueError: when the size or the field of view is not possible.
    """
    if width < 1 or height < 1:
        raise ValueError(f'image size {width} x {height}: both must be at least 1')
    if not 0.0 < fov_deg < 180.0:
        raise ValueError(f'field of view {fov_deg} degrees: it must be between 0 and 180')
    f = width / 2.0 / math.tan(math.radians(fov_deg) / 2.0)
    cx, cy = (width - 1) / 2.0, (height - 1) / 2.0
    return Intrinsics(
        width=width,
        height=height,
        distortion_model='plumb_bob',
        d=(0.0,) * 5,
        k=(f, 0.0, cx, 0.0, f, cy, 0.0, 0.0, 1.0),
        r=(1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0),
        p=(f, 0.0, cx, 0.0, 0.0, f, cy, 0.0, 0.0, 0.0, 1.0, 0.0),
    )
