# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""How long frames took: a histogram of the last ones, and the worst there ever was."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence

WINDOW = 2000
MOST_BARS = 40
_WIDTHS_MS = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0)


class Latency:
    """Latencies in ms."""

    def __init__(self) -> None:
        """Begin with none."""
        self._last: deque[float] = deque(maxlen=WINDOW)
        self._worst = 0.0

    def add(self, ms: float) -> None:
        """Take one more."""
        self._last.append(ms)
        self._worst = max(self._worst, ms)

    def view(self) -> dict[str, object]:
        """Return count, quantiles and bars of the last ``WINDOW``, and the worst of all."""
        values = sorted(self._last)
        if not values:
            return {'n': 0}
        width = _width(values[-1] - values[0])
        first = math.floor(values[0] / width) * width
        counts = [0] * (math.floor((values[-1] - first) / width) + 1)
        for value in values:
            counts[min(math.floor((value - first) / width), len(counts) - 1)] += 1
        return {
            'n': len(values),
            'p50': round(quantile(values, 0.5), 2),
            'p99': round(quantile(values, 0.99), 2),
            'max': round(values[-1], 2),
            'worst': round(self._worst, 2),
            'first': first,
            'width': width,
            'counts': counts,
        }


def quantile(values: Sequence[float], share: float) -> float:
    """Return the smallest of the sorted ``values`` that ``share`` of them do not exceed."""
    return values[max(0, math.ceil(share * len(values)) - 1)]


def _width(span: float) -> float:
    """Return a round width with which ``span`` takes no more than about ``MOST_BARS`` bars."""
    for width in _WIDTHS_MS:
        if span / width < MOST_BARS:
            return width
    return math.ceil(span / MOST_BARS / 1000.0) * 1000.0
