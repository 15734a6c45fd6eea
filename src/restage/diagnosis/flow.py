# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""How fast a counter grows, and since when it does not."""

from __future__ import annotations

# Rates are taken over so long at least.
PERIOD_NS = 900_000_000
# What happened so recently is still worth a warning.
RECENT_NS = 10_000_000_000
# A flow without anything new for so long has stopped.
STOPPED_NS = 2_000_000_000


class Flow:
    """
    A counter that is looked at about once a second. Times on CLOCK_MONOTONIC, ns.

    ``hz``: how often a second it was counted up, between the last two looks.
    """

    def __init__(self) -> None:
        self.hz = 0.0
        self._count = self._rated_count = 0
        self._rated_ns = 0
        self._grown_ns = 0

    def look(self, count: int, now_ns: int) -> None:
        """Take in the counter as it is now."""
        if count > self._count:
            self._grown_ns = now_ns
        self._count = count
        elapsed = now_ns - self._rated_ns
        if elapsed >= PERIOD_NS:
            grown = max(0, count - self._rated_count)  # a node that is configured anew counts anew
            self.hz = grown * 1e9 / elapsed if self._rated_ns else 0.0
            self._rated_ns, self._rated_count = now_ns, count

    def grew_lately(self, now_ns: int, within_ns: int = RECENT_NS) -> bool:
        """Return whether it was counted up within the last ``within_ns``."""
        return self._grown_ns > 0 and now_ns - self._grown_ns < within_ns

    def stopped(self, now_ns: int) -> bool:
        """Return whether it was counted up once, and not lately."""
        return self._grown_ns > 0 and not self.grew_lately(now_ns, STOPPED_NS)
