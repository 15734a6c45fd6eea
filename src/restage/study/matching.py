# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Objects of a faulty run against those of a clean one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# From here on a box is of the same object, and from here on in the same place.
SAME, IN_PLACE = 0.5, 0.95


def match(
    clean: Floats, faulty: Floats, overlaps: Callable[[Floats, Floats], Floats]
) -> dict[str, int]:
    """
    Return how many objects (N x 6 and M x 6 detections) were ``lost``, are ``ghosts``, have moved.

    Matched are rows of one class with an IoU of at least 0.5, best score first, each once; moved
    are those with less than 0.95. Rows that are not finite match nothing.
    """
    free = np.ones(len(clean), bool)
    matched = moved = 0
    for row in faulty:
        if not len(clean) or not np.isfinite(row).all():
            continue
        fit = np.where(free & (clean[:, 5] == row[5]), overlaps(row[:4], clean[:, :4]), 0.0)
        best = int(fit.argmax())
        if fit[best] >= SAME:
            free[best] = False
            matched += 1
            moved += bool(fit[best] < IN_PLACE)
    return {'lost': len(clean) - matched, 'ghosts': len(faulty) - matched, 'moved': moved}
