# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What the scene hands out: class names, objects with exact boxes, frames."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]
Corners = npt.NDArray[np.int32]
Colour = tuple[float, float, float]

CLASSES = ('car', 'truck', 'pedestrian', 'cyclist', 'traffic sign')
CAR, TRUCK, PEDESTRIAN, CYCLIST, SIGN = range(len(CLASSES))

MIN_HEIGHT = 8.0
MIN_WIDTH = 6.0
MIN_VISIBILITY = 0.35


@dataclass(frozen=True, kw_only=True)
class SceneObject:
    """
    Ground truth of one object in one frame.

    ``box`` is x1, y1, x2, y2 in pixels, clipped to the image; ``visibility`` is the share of
    the object's silhouette that is inside the image and not covered (0 to 1); ``ignore``
    marks objects too small or too hidden to count for or against a detector.
    """

    track_id: int
    class_id: int
    box: tuple[float, float, float, float]
    visibility: float
    ignore: bool


@dataclass(frozen=True, kw_only=True)
class SceneFrame:
    """One rendered frame: uint8 H x W x 3 (BGR) and its ground truth."""

    image: Image
    objects: tuple[SceneObject, ...]
