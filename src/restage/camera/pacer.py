# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Keeping a rate on an absolute schedule."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class Pacer:
    """
    Hands out the moments t0, t0 + 1/rate, t0 + 2/rate ... of a monotonic clock.

    The schedule is absolute: what a frame takes does not add up, so there is no drift. A
    caller who is late goes on at once; one who is late by whole periods skips those moments
    (``missed`` counts them) instead of sending a burst.

    :raises ValueError: when the rate is not positive.
    """

    def __init__(self, rate_hz: float, *, clock_ns: Callable[[], int] = time.monotonic_ns) -> None:
        if not rate_hz > 0.0:
            raise ValueError(f'rate {rate_hz} Hz: it must be positive')
        self._period_ns = 1e9 / rate_hz
        self._clock_ns = clock_ns
        self._start_ns: int | None = None
        self._tick = 0
        self.missed = 0

    def wait(self, stop: threading.Event) -> bool:
        """
        Wait for the next moment; return False as soon as ``stop`` is set.

        The first call sets t0 and returns at once.
        """
        now = self._clock_ns()
        if self._start_ns is None:
            self._start_ns = now
            return not stop.is_set()
        self._tick += 1
        late = (now - self._start_ns) / self._period_ns - self._tick
        if late >= 1.0:
            self.missed += int(late)
            self._tick += int(late)
        due_ns = self._start_ns + round(self._tick * self._period_ns)
        while (remaining_ns := due_ns - self._clock_ns()) > 0:
            if stop.wait(remaining_ns / 1e9):
                return False
        return not stop.is_set()
