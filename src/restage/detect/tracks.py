# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Objects from frame to frame: they neither come out of nothing nor go into it at once."""

from __future__ import annotations

import numpy as np

from restage.detect.unusual import SCORE, Rows, Unusual, most, overlaps

# Overlap by which a box is taken for that of an object of the frame before.
SAME = 0.3
# Frames after which an object is an established one.
ESTABLISHED = 5
# Older than that, the last frame says nothing about this one.
MEMORY_NS = 150_000_000
# The lowest score of an object is forgotten so fast, a frame: what faded long ago is over.
FORGOTTEN = 0.02


class Tracks:
    """The objects in the last published frame: boxes, in how many frames, their lowest scores."""

    def __init__(self) -> None:
        """Know of nothing."""
        self._rows = np.zeros((0, 6))
        self._ages = np.zeros(0)
        self._lowest = np.zeros(0)
        self._stamp_ns: int | None = None
        self._compared: tuple[Rows, Rows] | None = None

    def unusual(self, rows: Rows, stamp_ns: int) -> dict[str, Unusual]:
        """
        Return what is most unusual about the detections (N x 6) after the last frame's.

        ``appeared``: an object where none was, by its score. ``vanished``: an established one, by
        its lowest score of late. ``jumped``: how little of an object's box is where it was.
        """
        found: dict[str, Unusual] = {}
        if not self._follows(stamp_ns):
            return found
        matrix = overlaps(rows, self._rows)
        self._compared = (rows, matrix)
        nearest = matrix.max(axis=1, initial=0.0)
        new = rows[nearest < SAME]
        if len(new):
            found['appeared'] = most(new[:, SCORE], new)
        if len(new) < len(rows):
            same = nearest >= SAME
            found['jumped'] = most(1.0 - nearest[same], rows[same])
        gone = (matrix.max(axis=0, initial=0.0) < SAME) & (self._ages >= ESTABLISHED)
        if gone.any():
            found['vanished'] = most(self._lowest[gone], self._rows[gone])
        return found

    def learn(self, rows: Rows, stamp_ns: int) -> None:
        """Take in the detections of a published frame."""
        ages, lowest = np.ones(len(rows)), rows[:, SCORE].copy()
        if self._follows(stamp_ns) and len(self._rows) and len(rows):
            matrix = self._overlaps(rows)
            before = matrix.argmax(axis=1)
            known = matrix.max(axis=1) >= SAME
            ages[known] += self._ages[before[known]]
            faded = self._lowest[before[known]] + FORGOTTEN
            lowest[known] = np.minimum(lowest[known], faded)
        self._rows, self._ages, self._lowest = rows, ages, lowest
        self._stamp_ns = stamp_ns
        self._compared = None

    def _overlaps(self, rows: Rows) -> Rows:
        """Return what was found out when the rows were looked at, as they mostly were."""
        if self._compared is not None and np.array_equal(self._compared[0], rows):
            return self._compared[1]
        return overlaps(rows, self._rows)

    def _follows(self, stamp_ns: int) -> bool:
        return self._stamp_ns is not None and 0 < stamp_ns - self._stamp_ns <= MEMORY_NS
