# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Messages that the middleware lost before anybody saw them."""

from __future__ import annotations

from collections import Counter

# Publishers whose last number is remembered: those heard last. A process that comes back is new.
KEPT = 256


class Gaps:
    """
    Counts, by topic, what is missing in the numbers that each publisher gives its messages.

    The middleware itself does not tell: where a queue of depth N overflows, older messages are
    overwritten, which Fast DDS does not report as lost.
    """

    def __init__(self) -> None:
        self.missing: Counter[str] = Counter()
        self._last: dict[tuple[str, bytes], int] = {}

    def note(self, topic: str, publisher: bytes, number: int) -> None:
        """Note a message: its publisher's id and its number, from 1."""
        last = self._last.pop((topic, publisher), None)
        if last is not None and number > last + 1:
            self.missing[topic] += number - last - 1
        self._last[topic, publisher] = max(number, last or 0)
        if len(self._last) > KEPT:
            del self._last[next(iter(self._last))]
