# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""One system for many tests: to start PyTorch twice takes longer than most of them."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from .live import RESPAWN_S, Live, running


class Ordinary:
    """A system as `running` makes it without options; started when it is needed, and again."""

    def __init__(self, folder: Callable[[], Path]) -> None:
        """Start nothing yet; ``folder`` makes a new one for each start."""
        self._folder = folder
        self._stack = contextlib.ExitStack()
        self._live: Live | None = None
        self._numbers = itertools.count(1)
        self.trusted = True

    def __enter__(self) -> Ordinary:
        """Start nothing yet."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End what runs."""
        self.end()

    def end(self) -> None:
        """End the system, if there is one."""
        self._live, self.trusted = None, True
        self._stack.close()

    def ready(self) -> Live:
        """Return a system that is well and has forgotten all that was seen of it."""
        if self._live and not (self.trusted and self._live.is_well_within(RESPAWN_S)):
            self.end()
        if self._live is None:
            self._live = self._stack.enter_context(running(self._folder(), {}))
        self._live.begin(f'test-{next(self._numbers)}')
        return self._live
