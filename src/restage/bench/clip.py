# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A short clip, rendered once: the camera must not take the time that is measured."""

from __future__ import annotations

from pathlib import Path

import cv2

from restage.scene import RoadScene

FRAMES = 60
QUALITY = 95


def render_clip(folder: Path, seed: int, frames: int = FRAMES) -> Path:
    """Write ``frames`` frames of the synthetic road as JPEG files; return their folder."""
    folder.mkdir(parents=True, exist_ok=True)
    scene = RoadScene(seed)
    for index in range(frames):
        path = folder / f'{index:04d}.jpg'
        cv2.imwrite(str(path), scene.frame(index).image, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    return folder
