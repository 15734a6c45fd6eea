# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Wait, in a thread for each process, for the lock that it gives away when it dies."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from restage.checkpoint.death_lock import DeathLock, Holder

# How soon a thread notices that it should end, and how long a lock that nobody holds is left alone.
SLICE_S = 0.1
# How long an end is waited for: what a thread does about a death takes a few ms.
PATIENCE_S = 2.0


class DeathWatch:
    """Reports a death some tens of milliseconds before a pidfd can; the pidfd stays the proof."""

    def __init__(self, on_death: Callable[[str, int, int], None]) -> None:
        """Call ``on_death(name, pid, seen_ns)`` from a thread."""
        self._on_death = on_death
        self._stopped = threading.Event()
        self._pids: dict[str, int] = {}
        self._changing = threading.Lock()
        self._threads: list[threading.Thread] = []

    def add(self, name: str, pid: int, lock: Callable[[], DeathLock]) -> None:
        """
        Wait for the death of ``pid``, the holder of ``lock()``; call as often as you like.

        A process that lets go of the lock and takes it again is waited for again.
        """
        with self._changing:
            if self._pids.get(name) == pid:
                return
            self._pids[name] = pid
        thread = threading.Thread(
            target=self._wait, args=(name, pid, lock()), name=f'death-{name}', daemon=True
        )
        self._threads = [*(one for one in self._threads if one.is_alive()), thread]
        thread.start()

    def stop(self) -> None:
        """End every thread but the one that calls; nothing is reported after that."""
        self._stopped.set()
        end = time.monotonic() + PATIENCE_S
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(max(0.0, end - time.monotonic()))

    def _wait(self, name: str, pid: int, lock: DeathLock) -> None:
        while not self._stopped.is_set() and self._pids.get(name) == pid:
            holder = lock.wait_for_death(SLICE_S)
            if holder is Holder.DEAD:
                now = time.monotonic_ns()
                if not self._stopped.is_set():
                    self._on_death(name, pid, now)
                return
            if holder is Holder.NOBODY:
                # It may take the lock again. Not at once: each look at a free lock holds it for an
                # instant, and whoever asks may ask hundreds of times a second.
                self._stopped.wait(SLICE_S)
                with self._changing:
                    if self._pids.get(name) == pid:
                        del self._pids[name]
                return
