# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The rate frames really go out at."""

from __future__ import annotations

from collections import deque


class RateMeter:
    """Frames per second over the last ``window_s`` seconds; times in monotonic ns."""

    def __init__(self, window_s: float = 2.0) -> None:
        self._window_ns = int(window_s * 1e9)
        self._times: deque[int] = deque()

    def mark(self, now_ns: int) -> None:
        """Note a frame."""
        self._times.append(now_ns)
        self._forget(now_ns)

    def rate_hz(self, now_ns: int) -> float:
        """Return the mean rate; 0.0 where there are not two frames within the window."""
        self._forget(now_ns)
        if len(self._times) < 2:
            return 0.0
        return (len(self._times) - 1) * 1e9 / (self._times[-1] - self._times[0])

    def _forget(self, now_ns: int) -> None:
        while self._times and now_ns - self._times[0] > self._window_ns:
            self._times.popleft()
