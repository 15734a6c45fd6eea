# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Detections that few locations of the network agree on.

An object excites several locations, more of them the surer the network is of it. A single wrong
value in front of the decoder makes, or moves, the box of one location alone.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from restage.detect.unusual import SCORE, Rows, Unusual, most

# With more than that, a detection is well supported whatever its score.
FEW = 4


def weakly_supported(rows: Rows, support: NDArray[np.int64]) -> dict[str, Unusual]:
    """Return, as ``support_N``, the highest score of those that N locations, FEW at most, give."""
    found = {}
    for count in range(1, FEW + 1):
        own = rows[support == count]
        if len(own):
            found[f'support_{count}'] = most(own[:, SCORE], own)
    return found
