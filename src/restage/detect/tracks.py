# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Objects from frame to frame: they neither come out of nothing nor go into it at once."""

from __future__ import annotations

from restage.detect.unusual import SCORE, Rows, Unusual, nearest, note

# Overlap by which a box is taken for that of an object of the frame before.
SAME = 0.3
# Frames after which an object is an established one.
ESTABLISHED = 5
# Older than that, the last frame says nothing about this one.
MEMORY_NS = 150_000_000
# The lowest score of an object is forgotten so fast, a frame: what faded long ago is over.
FORGOTTEN = 0.02


class Tracks:
    """Of one camera, the objects in the last published frame: boxes, ages, lowest scores."""

    def __init__(self) -> None:
        """Know of nothing."""
        self._rows: Rows = ()
        self._ages: list[int] = []
        self._lowest: list[float] = []
        self._stamp_ns: int | None = None
        # What was found out when rows were looked at: they mostly are those that are learned.
        self._compared: tuple[Rows, tuple[list[float], list[int], list[float]]] | None = None

    def unusual(self, rows: Rows, stamp_ns: int) -> dict[str, Unusual]:
        """
        Return what is most unusual about the detections (N x 6) after the last frame's.

        ``appeared``: an object where none was, by its score. ``vanished``: an established one, by
        its lowest score of late. ``jumped``: how little of an object's box is where it was.
        """
        found: dict[str, Unusual] = {}
        if not self._follows(stamp_ns):
            return found
        highest, _, of_others = self._compare(rows)
        for row, overlap in zip(rows, highest, strict=True):
            if overlap < SAME:
                note(found, 'appeared', row[SCORE], row)
            else:
                note(found, 'jumped', 1.0 - overlap, row)
        for number, overlap in enumerate(of_others):
            if overlap < SAME and self._ages[number] >= ESTABLISHED:
                note(found, 'vanished', self._lowest[number], self._rows[number])
        return found

    def learn(self, rows: Rows, stamp_ns: int) -> None:
        """Take in the detections of a published frame."""
        ages, lowest = [1] * len(rows), [row[SCORE] for row in rows]
        if self._follows(stamp_ns):
            highest, which, _ = self._compare(rows)
            for number, (overlap, before) in enumerate(zip(highest, which, strict=True)):
                if overlap >= SAME:
                    ages[number] += self._ages[before]
                    lowest[number] = min(lowest[number], self._lowest[before] + FORGOTTEN)
        self._rows, self._ages, self._lowest = rows, ages, lowest
        self._stamp_ns = stamp_ns
        self._compared = None

    def _compare(self, rows: Rows) -> tuple[list[float], list[int], list[float]]:
        if self._compared is None or self._compared[0] != rows:
            self._compared = rows, nearest(rows, self._rows)
        return self._compared[1]

    def _follows(self, stamp_ns: int) -> bool:
        return self._stamp_ns is not None and 0 < stamp_ns - self._stamp_ns <= MEMORY_NS
