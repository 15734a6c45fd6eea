# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Detections that few locations of the network agree on.

An object excites several locations, more of them the surer the network is of it. A single wrong
value in front of the decoder makes, or moves, the box of one location alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from restage.detect.unusual import SCORE, Rows, Unusual, note

# With more than that, a detection is well supported whatever its score.
FEW = 4


def weakly_supported(rows: Rows, support: Sequence[int]) -> dict[str, Unusual]:
    """Return, as ``support_N``, the highest score of those that N locations, FEW at most, give."""
    found: dict[str, Unusual] = {}
    for row, count in zip(rows, support, strict=True):
        if count <= FEW:
            note(found, f'support_{count}', row[SCORE], row)
    return found
