# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Detections that few locations of the network agree on.

An object excites several locations, more of them the surer the network is of it. A single wrong
value in front of the decoder makes, or moves, the box of one location alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from restage.detect.boxes import Box
from restage.detect.event import Event

# With more than that, a detection is well supported whatever its score.
FEW = 4


def weakly_supported(boxes: Sequence[Box], support: Sequence[int]) -> Iterator[Event]:
    """Give an event ``support_N`` for each box that N locations, FEW at most, agree on."""
    for box, count in zip(boxes, support, strict=True):
        if count <= FEW:
            yield Event(f'support_{count}', box, box.score)
