# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A series for a picture that never gets long."""

from __future__ import annotations

from typing import Generic, TypeVar

T = TypeVar('T')
MOST = 1_000


class Thinned(Generic[T]):
    """Keeps every n-th of what is added; n doubles whenever there are too many."""

    def __init__(self, most: int = MOST) -> None:
        """Keep at most ``most``."""
        self.kept: list[T] = []
        self._most = most
        self._every = 1
        self._count = 0

    def add(self, one: T) -> None:
        """Add one."""
        if self._count % self._every == 0:
            self.kept.append(one)
        self._count += 1
        if len(self.kept) > self._most:
            del self.kept[1::2]
            self._every *= 2
