# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Wait, in a thread for each process, for the lock that it gives away when it dies."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from restage.checkpoint.death_lock import DeathLock

# How soon a thread notices that it should end.
SLICE_S = 0.5


class DeathWatch:
    """Reports a death some tens of milliseconds before a pidfd can; the pidfd stays the proof."""

    def __init__(self, on_death: Callable[[str, int, int], None]) -> None:
        """Call ``on_death(name, pid, seen_ns)`` from a thread."""
        self._on_death = on_death
        self._stopped = threading.Event()
        self._pids: dict[str, int] = {}

    def add(self, name: str, pid: int, lock: Callable[[], DeathLock]) -> None:
        """Wait for the death of ``pid``, the holder of ``lock()``; once for each process."""
        if self._pids.get(name) == pid:
            return
        self._pids[name] = pid
        threading.Thread(
            target=self._wait, args=(name, pid, lock()), name=f'death-{name}', daemon=True
        ).start()

    def stop(self) -> None:
        """Let every thread end."""
        self._stopped.set()

    def _wait(self, name: str, pid: int, lock: DeathLock) -> None:
        while not self._stopped.is_set() and self._pids.get(name) == pid:
            started = time.monotonic()
            if lock.wait_for_death(SLICE_S):
                now = time.monotonic_ns()
                if not self._stopped.is_set():
                    self._on_death(name, pid, now)
                return
            if time.monotonic() - started < SLICE_S / 2:
                return  # released in good order
