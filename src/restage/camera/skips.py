# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Counting the frames a source lost, and saying so once for each."""

from __future__ import annotations

from collections.abc import Callable


class SkipTally:
    """
    An ``OnSkip`` that counts every lost frame and warns once for each place in the source.

    A looping source meets the same damage in every pass: it counts again (those frames were
    lost again) but is not said again.
    """

    def __init__(self, warn: Callable[[str], object]) -> None:
        self._warn = warn
        self._said: set[int] = set()
        self.count = 0

    def __call__(self, first: int, count: int, reason: str) -> None:
        """Note ``count`` frames lost from number ``first`` on."""
        self.count += count
        if first not in self._said:
            self._said.add(first)
            self._warn(f'skipped {count} frame(s): {reason}')
