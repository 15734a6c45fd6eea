# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Watch processes by pidfd, and the progress of the one that works."""

from __future__ import annotations

import os
import select
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from restage.checkpoint.process import ProcessId

# How often overdue stages are looked for, and how soon a new process is watched.
POLL_MS = 10


@dataclass
class _Watched:
    name: str
    pid: int
    handle: int
    overdue: str = ''
    overdue_ns: int = 0


class ProcessWatch:
    """
    A thread that reports a process's death the moment the kernel does.

    Between deaths it asks ``overdue`` of every process it watches; one that is overdue is killed,
    so that it cannot come back to life later, and then reported dead. Source: pidfd_open(2).
    """

    def __init__(
        self,
        on_death: Callable[[str, str, str, int], None],
        overdue: Callable[[str, int], str | None],
    ) -> None:
        """Call ``on_death(name, detector, why, seen_ns)`` from the thread."""
        self._on_death = on_death
        self._overdue = overdue
        self._watched: dict[int, _Watched] = {}
        self._lock = threading.Lock()
        self._poll = select.poll()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name='process-watch', daemon=True)
        self._thread.start()

    def add(self, name: str, pid: int) -> bool:
        """Watch ``pid``; return False when there is no such living process."""
        try:
            handle = os.pidfd_open(pid)
        except OSError:
            return False
        if ProcessId.of(pid) is None:
            os.close(handle)
            return False
        with self._lock:
            self._watched[handle] = _Watched(name, pid, handle)
            self._poll.register(handle, select.POLLIN)
        return True

    def stop(self) -> None:
        """End the thread."""
        self._stopped.set()
        self._thread.join(timeout=1.0)

    def _run(self) -> None:
        while not self._stopped.is_set():
            for handle, _ in self._poll.poll(POLL_MS):
                self._dead(handle)
            with self._lock:
                alive = list(self._watched.values())
            for watched in alive:
                self._check(watched)

    def _dead(self, handle: int) -> None:
        now = time.monotonic_ns()
        with self._lock:
            watched = self._watched.pop(handle, None)
            if watched is None:
                return
            self._poll.unregister(handle)
        os.close(handle)
        if watched.overdue:
            self._on_death(watched.name, 'stage_deadline', watched.overdue, watched.overdue_ns)
        else:
            self._on_death(watched.name, 'process_exit', f'process {watched.pid} ended', now)

    def _check(self, watched: _Watched) -> None:
        if watched.overdue:
            return
        why = self._overdue(watched.name, watched.pid)
        if why is not None:
            watched.overdue, watched.overdue_ns = why, time.monotonic_ns()
            signal.pidfd_send_signal(watched.handle, signal.SIGKILL)
