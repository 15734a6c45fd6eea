# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What no sound decoder puts out: boxes, scores and classes that do not exist."""

from __future__ import annotations

import math
from collections.abc import Sequence


def impossible(
    rows: Sequence[Sequence[float]], classes: int, width: float, height: float
) -> str | None:
    """
    Return what is impossible in detections (N x 6: x1, y1, x2, y2, score, class), or None.

    Numbers are finite, boxes lie in the picture and have an area, scores lie in 0 to 1 and
    descend, classes are those of the model.

    :param width: of the picture, in pixels, as ``height``; infinite if it is not known.
    """
    before = 1.0
    for number, (x1, y1, x2, y2, score, label) in enumerate(rows):
        if not math.isfinite(x1 + y1 + x2 + y2 + score + label):
            what = 'is not finite'
        elif not (x1 <= x2 and y1 <= y2):
            what = f'has a box without area: {x1:g}, {y1:g}, {x2:g}, {y2:g}'
        elif x1 < 0.0 or y1 < 0.0 or x2 > width or y2 > height:
            what = f'is not in the picture: {x1:g}, {y1:g}, {x2:g}, {y2:g}'
        elif not 0.0 <= score <= 1.0:
            what = f'has the score {score:g}'
        elif score > before:
            what = f'has the score {score:g} after one of {before:g}'
        elif label != int(label) or not 0 <= label < classes:
            what = f'has the class {label:g} of {classes}'
        else:
            before = score
            continue
        return f'detection {number} of {len(rows)} {what}'
    return None
