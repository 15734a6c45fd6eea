# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A circuit breaker: after too many failures in a row, slower tries and no claim of health.

Source of the pattern: M. Nygard, Release It!, 2007.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import Enum

SECOND = 1_000_000_000


class BreakerState(str, Enum):
    """
    CLOSED: healthy. OPEN: no promotion until the backoff is over. HALF_OPEN: one try is on.

    | from | event | to |
    | --- | --- | --- |
    | CLOSED | failure, fewer than the limit within the window | CLOSED |
    | CLOSED | failure, the limit within the window | OPEN, shortest backoff |
    | OPEN | failure | OPEN, the same backoff goes on |
    | OPEN | the backoff is over | HALF_OPEN |
    | HALF_OPEN | failure | OPEN, twice the backoff, up to the longest |
    | HALF_OPEN | enough good frames | CLOSED, failures forgotten |
    """

    CLOSED = 'closed'
    OPEN = 'open'
    HALF_OPEN = 'half_open'


@dataclass(frozen=True, kw_only=True)
class BreakerOptions:
    """``failures`` within ``window_ns`` open it; ``good_frames`` close it. Times in ns."""

    failures: int = 5
    window_ns: int = 30 * SECOND
    shortest_backoff_ns: int = SECOND // 2
    longest_backoff_ns: int = 16 * SECOND
    good_frames: int = 30


class Breaker:
    """
    Counts failures of the primary: deaths, and frames that no tier could save.

    ``opened``: how often it went from CLOSED to OPEN.
    """

    def __init__(self, options: BreakerOptions) -> None:
        """Start closed."""
        self.opened = 0
        self._options = options
        self._state = BreakerState.CLOSED
        self._failures: deque[int] = deque()
        self._backoff_ns = options.shortest_backoff_ns
        self._until_ns = 0
        self._good = 0

    def state(self, now_ns: int) -> BreakerState:
        """Return the state at ``now_ns``."""
        if self._state is BreakerState.OPEN and now_ns >= self._until_ns:
            self._state = BreakerState.HALF_OPEN
            self._good = 0
        return self._state

    @property
    def failures(self) -> int:
        """How many failures are held against the primary."""
        return len(self._failures)

    def allows(self, now_ns: int) -> bool:
        """Return whether a node may be promoted."""
        return self.state(now_ns) is not BreakerState.OPEN

    def wait_ns(self, now_ns: int) -> int:
        """Return for how long nothing will be promoted."""
        return max(0, self._until_ns - now_ns) if self.state(now_ns) is BreakerState.OPEN else 0

    def failure(self, now_ns: int) -> None:
        """Count a failure."""
        state = self.state(now_ns)
        if state is BreakerState.HALF_OPEN:
            self._backoff_ns = min(2 * self._backoff_ns, self._options.longest_backoff_ns)
            self._open(now_ns)
        elif state is BreakerState.CLOSED:
            self._failures.append(now_ns)
            while now_ns - self._failures[0] > self._options.window_ns:
                self._failures.popleft()
            if len(self._failures) >= self._options.failures:
                self.opened += 1
                self._open(now_ns)

    def _open(self, now_ns: int) -> None:
        self._state = BreakerState.OPEN
        self._until_ns = now_ns + self._backoff_ns

    def good(self, now_ns: int) -> None:
        """Count a frame that came out."""
        if self.state(now_ns) is BreakerState.HALF_OPEN:
            self._good += 1
            if self._good >= self._options.good_frames:
                self._state = BreakerState.CLOSED
                self._failures.clear()
                self._backoff_ns = self._options.shortest_backoff_ns
