# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Header stamps that never repeat."""

from __future__ import annotations

from collections.abc import Callable

from restage.camera.frame import Frame


class Stamper:
    """
    Gives every frame a stamp in ns, strictly greater than the one before.

    It is ``now_ns()``; or, with ``use_source``, the frame's own, which of a source that knows no
    time is its number times the period: the same in every run. When a source starts over, its
    stamps are moved so that time goes on: one period after the last frame.
    No stamp is as early as ``after_ns``.
    """

    def __init__(
        self,
        now_ns: Callable[[], int],
        *,
        use_source: bool,
        period_ns: int,
        after_ns: int = 0,
    ) -> None:
        self._now_ns = now_ns
        self._use_source = use_source
        self._period_ns = period_ns
        self._last_ns = after_ns
        self._loop = 0
        self._shift_ns = 0

    def stamp(self, frame: Frame, loop: int) -> int:
        """Return the stamp of a frame of pass number ``loop``."""
        if self._use_source:
            own = frame.stamp_ns
            if own is None:
                own = (frame.index + 1) * self._period_ns
            if loop != self._loop:
                self._loop = loop
                self._shift_ns = self._last_ns + self._period_ns - own
            wanted = own + self._shift_ns
        else:
            wanted = self._now_ns()
        self._last_ns = max(wanted, self._last_ns + 1)
        return self._last_ns

    @property
    def last_ns(self) -> int:
        """The last stamp given."""
        return self._last_ns
