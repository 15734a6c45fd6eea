# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Sends images when their time has come, in the order they came in unless overtaken."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from queue import Full

from restage.faults.stream.passage import Passing

# What waits may take so much memory: 5 s of Full HD in three bytes a pixel, 30 images a second.
ROOM_BYTES = 1 << 30


class Release:
    """
    A thread that calls ``send`` with each image at its ``release_ns``.

    Images for which there is no room beside those that wait are lost, as in a link's queue.
    """

    def __init__(
        self,
        send: Callable[[Passing], None],
        failed: Callable[[Passing, Exception], None],
        room_bytes: int = ROOM_BYTES,
    ) -> None:
        """
        Start it. What ``send`` raises goes to ``failed``; the next image is sent as ever.

        So does ``queue.Full``, from the thread that calls ``add``, with what finds no room.
        """
        self._send = send
        self._failed = failed
        self._room_bytes = room_bytes
        self._waiting: list[Passing] = []
        self._waiting_bytes = 0
        self._changed = threading.Condition()
        self._last_ns = 0
        self._ending = False
        self._thread = threading.Thread(target=self._run, name='release', daemon=True)
        self._thread.start()

    def add(self, passing: Passing) -> None:
        """Send ``passing`` in its time; not before those that came earlier, unless it overtakes."""
        with self._changed:
            full = self._waiting_bytes + passing.pixels.nbytes > self._room_bytes
            if not full:
                self._wait_for(passing)
        if full:
            self._failed(passing, Full(f'no more than {self._room_bytes} bytes of images may wait'))

    def _wait_for(self, passing: Passing) -> None:
        if passing.overtaken:
            kept = passing
        else:
            self._last_ns = max(self._last_ns, passing.release_ns)
            kept = replace(passing, release_ns=self._last_ns)
        self._waiting.append(kept)
        self._waiting_bytes += kept.pixels.nbytes
        self._changed.notify()

    def stop(self) -> None:
        """End the thread; what waits is not sent any more."""
        with self._changed:
            self._ending = True
            self._changed.notify()
        self._thread.join(timeout=5.0)

    def _run(self) -> None:
        while (due := self._next()) is not None:
            try:
                self._send(due)
            except Exception as error:  # one image is lost, not all from now on
                self._failed(due, error)

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
                    self._waiting_bytes -= first.pixels.nbytes
                    return first
                self._changed.wait(wait_s)
        return None
