# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Objects from frame to frame: they neither come out of nothing nor go into it at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from restage.detect.boxes import Box
from restage.detect.event import Event

# Overlap by which a box is taken for that of an object of the frame before.
SAME = 0.3
# Frames after which an object is an established one.
ESTABLISHED = 5
# Older than that, the last frame says nothing about this one.
MEMORY_NS = 150_000_000


@dataclass(frozen=True)
class Track:
    """An object in the last frame: its box, the frames it has been seen in, its lowest score."""

    box: Box
    age: int
    lowest: float


class Tracks:
    """The objects in the last published frame."""

    def __init__(self) -> None:
        """Know of nothing."""
        self._tracks: list[Track] = []
        self._stamp_ns: int | None = None

    def events(self, boxes: Sequence[Box], stamp_ns: int) -> Iterator[Event]:
        """
        Give what happens from the last frame to this one.

        The degree of an appearance is its score; of a vanishing, the lowest score of the last
        frames of an established object; of a jump, how little of it overlaps.
        """
        if self._stamp_ns is None or not 0 < stamp_ns - self._stamp_ns <= MEMORY_NS:
            return
        for box in boxes:
            nearest = max((track.box.overlap(box) for track in self._tracks), default=0.0)
            if nearest < SAME:
                yield Event('appeared', box, box.score)
            else:
                yield Event('jumped', box, 1.0 - nearest)
        for track in self._tracks:
            if track.age >= ESTABLISHED and not any(track.box.overlap(b) >= SAME for b in boxes):
                yield Event('vanished', track.box, track.lowest)

    def learn(self, boxes: Sequence[Box], stamp_ns: int) -> None:
        """Take in the detections of a published frame."""
        old = self._tracks
        if self._stamp_ns is None or not 0 < stamp_ns - self._stamp_ns <= MEMORY_NS:
            old = []
        self._tracks = [_followed(box, old) for box in boxes]
        self._stamp_ns = stamp_ns


def _followed(box: Box, tracks: Sequence[Track]) -> Track:
    same = [track for track in tracks if track.box.overlap(box) >= SAME]
    if not same:
        return Track(box, 1, box.score)
    before = max(same, key=lambda track: track.box.overlap(box))
    # The lowest, forgotten slowly: what faded long ago says nothing about now.
    lowest = min(box.score, before.lowest + 0.02)
    return Track(box, before.age + 1, lowest)
