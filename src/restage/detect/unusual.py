# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What is unusual about the detections of a frame, and how unusual it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

# x1, y1, x2, y2, score, class. Lists: of a dozen rows they are faster than arrays.
Row = Sequence[float]
Rows = Sequence[Row]
SCORE, LABEL = 4, 5


@dataclass(frozen=True)
class Unusual:
    """
    The detection that is the most unusual in one respect.

    ``degree``: how much so, 0 to 1.
    """

    degree: float
    row: Row

    def __str__(self) -> str:
        corners = ', '.join(f'{edge:.9g}' for edge in self.row[:SCORE])
        return (
            f'class {self.row[LABEL]:.0f} ({self.row[SCORE]:.9g}) at {corners}: {self.degree:.9g}'
        )


def note(found: dict[str, Unusual], what: str, degree: float, row: Row) -> None:
    """Keep in ``found`` that ``row`` is unusual, unless another is more so."""
    known = found.get(what)
    if known is None or degree > known.degree:
        found[what] = Unusual(degree, row)


def limits_of(highest: Mapping[str, float], room: float) -> dict[str, float]:
    """Return limits above the ``highest`` clean degrees: by ``room`` of what is left up to 1."""
    return {what: degree + room * (1.0 - degree) for what, degree in highest.items()}


def nearest(rows: Iterable[Row], others: Rows) -> tuple[list[float], list[int], list[float]]:
    """
    Return the highest overlap (IoU) of each of ``rows``, with which of ``others``, and of those.

    The index is -1 for a row that overlaps none.
    """
    areas = [(row[2] - row[0]) * (row[3] - row[1]) for row in others]
    highest, which, of_others = [], [], [0.0] * len(others)
    for left, top, right, bottom, *_ in rows:
        area = (right - left) * (bottom - top)
        best, index = 0.0, -1
        for number, other in enumerate(others):
            width = min(right, other[2]) - max(left, other[0])
            if width <= 0.0:
                continue
            height = min(bottom, other[3]) - max(top, other[1])
            if height <= 0.0:
                continue
            both = width * height
            overlap = both / (area + areas[number] - both)
            if overlap > best:
                best, index = overlap, number
            if overlap > of_others[number]:
                of_others[number] = overlap
        highest.append(best)
        which.append(index)
    return highest, which, of_others
