# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What waits to be sent to one browser: the newest of each kind, never a queue."""

from __future__ import annotations

import asyncio


class Mailbox:
    """
    One slot for each kind of message.

    A browser that is slow, or stops reading, misses what was overwritten and gets the newest of
    each once it reads again; what waits for it never grows.
    """

    def __init__(self) -> None:
        """Begin empty."""
        self._slots: dict[str, str | bytes] = {}
        self._filled = asyncio.Event()

    def put(self, kind: str, message: str | bytes) -> None:
        """Replace what waits of that kind; its turn stays."""
        self._slots[kind] = message
        self._filled.set()

    async def take(self) -> str | bytes:
        """Return what has waited longest, waiting for it."""
        while not self._slots:
            self._filled.clear()
            await self._filled.wait()
        return self._slots.pop(next(iter(self._slots)))
