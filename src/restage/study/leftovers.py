# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Processes that a trial has left behind: known by what is in their environment."""

from __future__ import annotations

import os
import select
import signal
import time
from contextlib import suppress
from pathlib import Path

VARIABLE = 'RESTAGE_STUDY_TRIAL'
_PATIENCE_S = 5.0


def find(token: str) -> list[int]:
    """Return the processes that descend from the trial with ``token``."""
    wanted = f'{VARIABLE}={token}'.encode()
    found = []
    for folder in Path('/proc').iterdir():
        if not folder.name.isdigit():
            continue
        with suppress(OSError):
            if wanted in (folder / 'environ').read_bytes().split(b'\0'):
                found.append(int(folder.name))
    return found


def end_all(token: str) -> set[int]:
    """Kill them, one by one, until there are none; return them."""
    ended: set[int] = set()
    until = time.monotonic() + _PATIENCE_S
    while time.monotonic() < until:
        # The dead have no environment any more: what is found is alive.
        alive = find(token)
        if not alive:
            break
        for process in alive:
            with suppress(ProcessLookupError):
                _end(process)
        ended.update(alive)
    return ended


def _end(process: int) -> None:
    """Kill a process, and wait until it is dead: its environment goes before it does."""
    descriptor = os.pidfd_open(process)
    try:
        signal.pidfd_send_signal(descriptor, signal.SIGKILL)
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        poll.poll(_PATIENCE_S * 1e3)
    finally:
        os.close(descriptor)
