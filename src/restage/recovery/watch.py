# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Watch processes by pidfd, and the progress of the one that works."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from restage.checkpoint.process import ProcessId

# How often overdue stages are looked for, and how soon a new process is watched.
POLL_MS = 5


@dataclass
class _Watched:
    name: str
    pid: int
    handle: int
    overdue: tuple[str, str] | None = None
    overdue_ns: int = 0


class ProcessWatch:
    """
    A thread that reports a process's death the moment the kernel does.

    Between deaths it asks ``overdue`` of every process it watches; one that is overdue is killed,
    so that it cannot come back to life later, and then reported dead. Source: pidfd_open(2).
    """

    def __init__(
        self,
        on_death: Callable[[str, int, str, str, int], None],
        overdue: Callable[[str, int], tuple[str, str] | None],
        on_error: Callable[[str], None],
    ) -> None:
        """
        Call ``on_death(name, pid, detector, why, seen_ns)`` from the thread.

        ``overdue(name, pid)`` returns detector and reason. What either raises goes to
        ``on_error``: the watch goes on.
        """
        self._on_error = on_error
        self._said = ''
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

    def kill(self, name: str, pid: int, detector: str, why: str) -> None:
        """
        Kill ``pid``, if it is watched as ``name``; its death is then reported for that reason.

        The same pid may be that of another node on another host.
        """
        with self._lock:
            for watched in self._watched.values():
                if (watched.name, watched.pid) == (name, pid) and watched.overdue is None:
                    _kill(watched, (detector, why))

    def killed_for(self, pid: int) -> tuple[str, str, int] | None:
        """Return detector, reason and time if this watch killed ``pid`` for being overdue."""
        with self._lock:
            for watched in self._watched.values():
                if watched.pid == pid and watched.overdue is not None:
                    return (*watched.overdue, watched.overdue_ns)
        return None

    def stop(self) -> None:
        """End the thread."""
        self._stopped.set()
        self._thread.join(timeout=1.0)
        with self._lock:
            for handle in self._watched:
                os.close(handle)
            self._watched.clear()

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                self._look()
            except Exception as error:
                self._say(f'{type(error).__name__}: {error}')

    def _look(self) -> None:
        for handle, _ in self._poll.poll(POLL_MS):
            self._dead(handle)
        with self._lock:
            alive = list(self._watched.values())
        for watched in alive:
            try:
                self._check(watched)
            except Exception as error:
                self._say(f'{watched.name}: {type(error).__name__}: {error}')

    def _say(self, text: str) -> None:
        """Report an error once, not a hundred times a second."""
        if text != self._said:
            self._said = text
            self._on_error(text)

    def _dead(self, handle: int) -> None:
        now = time.monotonic_ns()
        with self._lock:
            watched = self._watched.pop(handle, None)
            if watched is None:
                return
            self._poll.unregister(handle)
        os.close(handle)
        detector, why = watched.overdue or ('process_exit', f'process {watched.pid} ended')
        self._on_death(watched.name, watched.pid, detector, why, watched.overdue_ns or now)

    def _check(self, watched: _Watched) -> None:
        if watched.overdue is not None:
            return
        why = self._overdue(watched.name, watched.pid)
        if why is not None:
            _kill(watched, why)


def _kill(watched: _Watched, why: tuple[str, str]) -> None:
    # The time first: whoever sees the reason from another thread needs it.
    watched.overdue_ns = time.monotonic_ns()
    watched.overdue = why
    with contextlib.suppress(ProcessLookupError):
        signal.pidfd_send_signal(watched.handle, signal.SIGKILL)
