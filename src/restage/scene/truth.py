# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Exact ground truth: who covers whom, kept in a half-resolution id picture."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from restage.scene.types import (
    MIN_HEIGHT,
    MIN_VISIBILITY,
    MIN_WIDTH,
    Floats,
    SceneObject,
)

CLEAR_AIR = 0.18  # below this transmittance an object counts as hidden by fog


@dataclass(frozen=True, kw_only=True)
class _Entry:
    track_id: int
    class_id: int
    box: tuple[float, float, float, float]
    inside: float
    drawn: int
    clear: bool


class TruthBuilder:
    """Collects silhouettes in painter's order (far to near) and yields scene objects."""

    def __init__(self, width: int, height: int) -> None:
        """Start an empty frame of ``width`` x ``height`` pixels."""
        self._size = (width, height)
        self._ids = np.zeros((height // 2, width // 2), np.uint8)
        self._entries: list[_Entry] = []

    def cover(self, outline: Floats) -> None:
        """Note that something that is no object was painted over ``outline`` (N x 2 px)."""
        self._fill(outline, 0)

    def add(self, track_id: int, class_id: int, outline: Floats, transmittance: float) -> int:
        """Note an object painted over the hull of ``outline``; return its id (0: not seen)."""
        width, height = self._size
        low, high = outline.min(axis=0), outline.max(axis=0)
        x1, y1 = max(float(low[0]), 0.0), max(float(low[1]), 0.0)
        x2, y2 = min(float(high[0]), float(width)), min(float(high[1]), float(height))
        if x2 - x1 < 2 or y2 - y1 < 2 or len(self._entries) >= 254:
            return 0
        number = len(self._entries) + 1
        self._fill(outline, number)
        part = self._ids[int(y1) // 2 : int(y2) // 2 + 1, int(x1) // 2 : int(x2) // 2 + 1]
        area = float((high[0] - low[0]) * (high[1] - low[1]))
        self._entries.append(
            _Entry(
                track_id=track_id,
                class_id=class_id,
                box=(x1, y1, x2, y2),
                inside=(x2 - x1) * (y2 - y1) / area,
                drawn=int(np.count_nonzero(part == number)),
                clear=transmittance >= CLEAR_AIR,
            )
        )
        return number

    def owner(self, x: float, y: float) -> int:
        """Return the id of the object seen at a pixel (0: none)."""
        row, col = int(y) // 2, int(x) // 2
        if 0 <= row < self._ids.shape[0] and 0 <= col < self._ids.shape[1]:
            return int(self._ids[row, col])
        return 0

    def objects(self) -> tuple[SceneObject, ...]:
        """Return the frame's objects with their visible share."""
        counts = np.bincount(self._ids.ravel(), minlength=len(self._entries) + 1)
        found = []
        for number, entry in enumerate(self._entries, start=1):
            visible = entry.inside * min(int(counts[number]) / max(entry.drawn, 1), 1.0)
            if visible <= 0.0:
                continue
            x1, y1, x2, y2 = entry.box
            small = y2 - y1 < MIN_HEIGHT or x2 - x1 < MIN_WIDTH
            found.append(
                SceneObject(
                    track_id=entry.track_id,
                    class_id=entry.class_id,
                    box=entry.box,
                    visibility=visible,
                    ignore=small or visible < MIN_VISIBILITY or not entry.clear,
                )
            )
        return tuple(found)

    def _fill(self, outline: Floats, number: int) -> None:
        points = np.clip(outline * 4, -400_000, 400_000).astype(np.int32)  # 2 px, 3 bits
        cv2.fillConvexPoly(self._ids, cv2.convexHull(points), number, cv2.LINE_8, 3)
