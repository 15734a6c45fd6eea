# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""How long a stage took the last time."""

from __future__ import annotations

import time


class Stopwatch:
    """
    A reusable context manager; ``last_ns`` is the last duration without an exception.

    0 until there was one. Not for two threads at once.
    """

    __slots__ = ('_started', 'last_ns')

    def __init__(self) -> None:
        self.last_ns = 0
        self._started = 0

    def __enter__(self) -> None:
        self._started = time.monotonic_ns()

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if kind is None:
            self.last_ns = time.monotonic_ns() - self._started
