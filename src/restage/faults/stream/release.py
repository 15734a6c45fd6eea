# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Sends images when their time has come, in the order they came in unless overtaken."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace

from restage.faults.stream.passage import Passing


class Release:
    """A thread that calls ``send`` with each image at its ``release_ns``."""

    def __init__(self, send: Callable[[Passing], None]) -> None:
        """Start it."""
        self._send = send
        self._waiting: list[Passing] = []
        self._changed = threading.Condition()
        self._last_ns = 0
        self._ending = False
        self._thread = threading.Thread(target=self._run, name='release', daemon=True)
        self._thread.start()

    def add(self, passing: Passing) -> None:
        """Send ``passing`` in its time; not before those that came earlier, unless it overtakes."""
        with self._changed:
            if passing.overtaken:
                kept = passing
            else:
                self._last_ns = max(self._last_ns, passing.release_ns)
                kept = replace(passing, release_ns=self._last_ns)
            self._waiting.append(kept)
            self._changed.notify()

    def stop(self) -> None:
        """End the thread; what waits is not sent any more."""
        with self._changed:
            self._ending = True
            self._changed.notify()
        self._thread.join(timeout=5.0)

    def _run(self) -> None:
        while (due := self._next()) is not None:
            self._send(due)

    def _next(self) -> Passing | None:
        with self._changed:
            while not self._ending:
                if not self._waiting:
                    self._changed.wait()
                    continue
                first = min(self._waiting, key=lambda one: one.release_ns)
                wait_s = (first.release_ns - time.monotonic_ns()) / 1e9
                if wait_s <= 0.0:
                    self._waiting.remove(first)
                    return first
                self._changed.wait(wait_s)
        return None
