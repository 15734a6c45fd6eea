# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What is unusual about the detections of a frame, and how unusual it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float64]
SCORE, LABEL = 4, 5


@dataclass(frozen=True)
class Unusual:
    """
    The detection (row of x1, y1, x2, y2, score, class) that is the most unusual in one respect.

    ``degree``: how much so, 0 to 1.
    """

    degree: float
    row: Rows

    def __str__(self) -> str:
        corners = ', '.join(f'{edge:.9g}' for edge in self.row[:SCORE])
        return (
            f'class {self.row[LABEL]:.0f} ({self.row[SCORE]:.9g}) at {corners}: {self.degree:.9g}'
        )


def most(degrees: Rows, rows: Rows) -> Unusual:
    """Return the one of ``rows`` with the highest degree."""
    index = int(degrees.argmax())
    return Unusual(float(degrees[index]), rows[index])


def limits_of(highest: Mapping[str, float], room: float) -> dict[str, float]:
    """Return limits above the ``highest`` clean degrees: by ``room`` of what is left up to 1."""
    return {what: degree + room * (1.0 - degree) for what, degree in highest.items()}


def overlaps(rows: Rows, others: Rows) -> Rows:
    """Return the intersection over union of N rows with M others, N x M; 0 for empty boxes."""
    low = np.maximum(rows[:, None, :2], others[None, :, :2])
    high = np.minimum(rows[:, None, 2:4], others[None, :, 2:4])
    size = np.maximum(high - low, 0.0)
    both = size[..., 0] * size[..., 1]
    area, other = (np.prod(one[:, 2:4] - one[:, :2], axis=1) for one in (rows, others))
    return np.asarray(both / np.maximum(area[:, None] + other[None] - both, 1e-9))
