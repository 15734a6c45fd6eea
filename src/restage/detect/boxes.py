# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Detections as plain numbers: there are few, and a check of them must cost next to nothing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Box:
    """One detection: corners in pixels of the source picture, score, class."""

    x1: float
    y1: float
    x2: float
    y2: float
    score: float
    label: int

    @property
    def area(self) -> float:
        """Its area in square pixels; 0 where it has none."""
        return max(0.0, self.x2 - self.x1) * max(0.0, self.y2 - self.y1)

    def overlap(self, other: Box) -> float:
        """Return the intersection over union with ``other``."""
        width = min(self.x2, other.x2) - max(self.x1, other.x1)
        height = min(self.y2, other.y2) - max(self.y1, other.y1)
        if width <= 0.0 or height <= 0.0:
            return 0.0
        both = width * height
        return both / (self.area + other.area - both)

    def __str__(self) -> str:
        corners = ', '.join(f'{edge:.9g}' for edge in (self.x1, self.y1, self.x2, self.y2))
        return f'class {self.label} ({self.score:.9g}) at {corners}'


def boxes_of(rows: list[list[float]]) -> list[Box]:
    """Return the rows of an N x 6 tensor, all finite, as boxes."""
    return [Box(x1, y1, x2, y2, score, int(label)) for x1, y1, x2, y2, score, label in rows]
