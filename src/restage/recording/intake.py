# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Messages on their way to the file: a queue with a limit, and what did not fit."""

from __future__ import annotations

import threading
from collections import Counter, deque
from dataclasses import dataclass

from restage.recording.channel import Channel

# Images leave this share of the queue to everything else, which is small and matters more.
_RESERVED = 1 / 8


@dataclass(frozen=True)
class Item:
    """
    One serialized message (CDR).

    ``received_ns``, ``published_ns``: by the middleware, ns since the epoch (CLOCK_REALTIME).
    """

    channel: Channel
    received_ns: int
    published_ns: int
    data: bytes


class Intake:
    """
    A queue of at most ``limit_bytes``; ``put`` never waits.

    ``received`` and ``dropped`` count by topic.
    """

    def __init__(self, limit_bytes: int) -> None:
        self.received: Counter[str] = Counter()
        self.dropped: Counter[str] = Counter()
        self._limits = {True: round(limit_bytes * (1 - _RESERVED)), False: limit_bytes}
        self._items: deque[Item] = deque()
        self._bytes = 0
        self._changed = threading.Condition()
        self._closed = False

    def put(self, item: Item) -> bool:
        """Queue a message; return False, and count it, when there is no room."""
        with self._changed:
            topic = item.channel.topic
            self.received[topic] += 1
            full = self._bytes + len(item.data) > self._limits[item.channel.image]
            if self._closed or full:
                self.dropped[topic] += 1
                return False
            self._items.append(item)
            self._bytes += len(item.data)
            self._changed.notify()
            return True

    def take(self, timeout_s: float) -> Item | None:
        """Return the oldest message; None when there was none for so long, or never will be."""
        with self._changed:
            self._changed.wait_for(lambda: self._items or self._closed, timeout_s)
            if not self._items:
                return None
            item = self._items.popleft()
            self._bytes -= len(item.data)
            return item

    def close(self) -> None:
        """Take nothing more in; what is queued can still be taken."""
        with self._changed:
            self._closed = True
            self._changed.notify()

    def abandon(self) -> None:
        """Take nothing more in, and count what is queued as dropped."""
        with self._changed:
            self._closed = True
            self.dropped.update(item.channel.topic for item in self._items)
            self._items.clear()
            self._bytes = 0
            self._changed.notify()

    @property
    def ended(self) -> bool:
        """Return whether it is closed and empty."""
        with self._changed:
            return self._closed and not self._items

    @property
    def waiting_bytes(self) -> int:
        """Return how much is queued."""
        return self._bytes
