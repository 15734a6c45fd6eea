# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Processes that a trial has left behind: known by what is in their environment."""

from __future__ import annotations

import os
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


def end_all(token: str) -> int:
    """Kill them, one by one, until there are none; return how many there were."""
    ended: set[int] = set()
    until = time.monotonic() + _PATIENCE_S
    while time.monotonic() < until:
        # A zombie has no environment any more: what is found is alive.
        alive = find(token)
        if not alive:
            break
        for process in alive:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        ended.update(alive)
        time.sleep(0.005)
    return len(ended)
