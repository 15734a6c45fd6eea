# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""One point for each quiet phase and process: what the slopes are taken from."""

from __future__ import annotations

from collections.abc import Mapping

from restage.soak.resources import LIMITS
from restage.soak.trend import Trend, trend

# So many points of a node are kept; beyond that every second is left out.
MOST = 600


class QuietPoints:
    """Points by node and life, which is a process of it."""

    def __init__(self) -> None:
        self._points: dict[str, list[tuple[int, float, Mapping[str, float]]]] = {}

    def add(self, node: str, life: int, at_s: float, values: Mapping[str, float]) -> None:
        """Add what the node's process ``life`` had at that time."""
        points = self._points.setdefault(node, [])
        points.append((life, at_s, values))
        if len(points) > MOST:
            del points[1::2]

    def trends(self) -> dict[str, dict[str, Trend]]:
        """Return the slope of each quantity of each node."""
        found: dict[str, dict[str, Trend]] = {}
        for node, points in sorted(self._points.items()):
            found[node] = {}
            for name in points[0][2]:
                lives: dict[int, list[tuple[float, float]]] = {}
                for life, at_s, values in points:
                    lives.setdefault(life, []).append((at_s, values[name]))
                found[node][name] = trend(lives.values())
        return found


def leaks(trends: Mapping[str, Mapping[str, Trend]]) -> list[str]:
    """Return in words what grows faster than its limit."""
    return [
        f'{node}: {name} grows by {one.per_hour:.1f} an hour (95 %: at least {one.low:.1f}); '
        f'accepted: {LIMITS[name]:g}'
        for node, quantities in trends.items()
        for name, one in quantities.items()
        if one.exceeds(LIMITS[name])
    ]
