# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Start the process of a trial, watch it, and see to it that nothing of it is left."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import threading
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from restage.study.events import EventReader
from restage.study.leftovers import VARIABLE, end_all
from restage.study.request import TrialRequest

TRIAL = (
    'import time; began = time.monotonic_ns(); import sys; '
    'from restage.study.trial import main; main(began, int(sys.argv[1]), sys.argv[2])'
)
_POLL_MS = 20
_SAID_BYTES = 2000
# What ends a phase of a trial; the phases in their order.
PHASES = {
    'start': ('mistake',),
    'mistake': ('answer', 'exception', 'not_possible'),
    'later': ('finished',),
    'exit': (),
}


class Stopped(Exception):  # noqa: N818 - no error: the study was told to stop
    """The study ends: the trial was killed and does not count."""


@dataclass(frozen=True, kw_only=True)
class Deadlines:
    """How long each phase of a trial may take, s."""

    start: float = 60.0
    mistake: float = 8.0
    later: float = 8.0
    exit: float = 8.0


@dataclass(frozen=True)
class Ended:
    """
    How a process ended: with a ``code``, by a ``signal``, or killed as ``overdue`` in a phase.

    ``spawned_ns``, ``ended_ns``: CLOCK_MONOTONIC. ``said``: the end of what it wrote to stderr.
    ``left``: processes that it had left behind.
    """

    code: int | None
    signal: int | None
    overdue: str
    spawned_ns: int
    ended_ns: int
    said: str
    left: int


def launch(
    request: TrialRequest, deadlines: Deadlines, stop: threading.Event, code: str = TRIAL
) -> tuple[EventReader, Ended]:
    """
    Run a trial to its end, whatever that is.

    :param code: what the process runs; its arguments are this process and the request.
    :raises Stopped: when ``stop`` was set meanwhile.
    """
    folder, token = Path(request.folder), uuid.uuid4().hex
    environment = {
        **os.environ,
        VARIABLE: token,
        'TMPDIR': str(folder),
        'OMP_NUM_THREADS': str(request.threads),
    }
    events = EventReader(folder)
    with (folder / 'stdout').open('wb') as out, (folder / 'stderr').open('wb') as err:
        spawned = time.monotonic_ns()
        process = subprocess.Popen(
            [sys.executable, '-c', code, str(os.getpid()), request.as_text()],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            start_new_session=True,
        )
    try:
        overdue = _watch(process.pid, events, deadlines, stop)
    finally:
        ended = time.monotonic_ns()
        left = end_all(token) - {process.pid}
        # Whoever has overwritten its own environment is in its group at least.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        status = process.wait()
    events.poll()
    return events, Ended(
        code=status if status >= 0 else None,
        signal=-status if status < 0 and not overdue else None,
        overdue=overdue,
        spawned_ns=spawned,
        ended_ns=ended,
        said=_end_of(folder / 'stderr'),
        left=len(left),
    )


def _watch(process: int, events: EventReader, deadlines: Deadlines, stop: threading.Event) -> str:
    """Return when the process has ended, with '', or when a phase is overdue, with its name."""
    pidfd = os.pidfd_open(process)
    try:
        poll = select.poll()
        poll.register(pidfd, select.POLLIN)
        reached, since = ('start', False), time.monotonic()
        while not poll.poll(_POLL_MS):
            if stop.is_set():
                raise Stopped
            events.poll()
            # What a mistake needs to be prepared is not counted against it.
            now = _phase(events.events), events.find('struck') is not None
            if now != reached:
                reached, since = now, time.monotonic()
            if time.monotonic() - since > getattr(deadlines, reached[0]):
                return reached[0]
        return ''
    finally:
        os.close(pidfd)


def _phase(events: list[dict[str, Any]]) -> str:
    seen = {event['event'] for event in events}
    for phase, ends in PHASES.items():
        if not seen.intersection(ends):
            return phase
    return 'exit'


def _end_of(path: Path) -> str:
    data = path.read_bytes()[-_SAID_BYTES:]
    lines = [line for line in data.decode(errors='replace').splitlines() if line.strip()]
    return lines[-1][:300] if lines else ''
