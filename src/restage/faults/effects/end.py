# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Ending the own process, and what is done right before."""

from __future__ import annotations

import ctypes
import resource
import sys
import time
from collections.abc import Callable

from restage.faults.effects.midway import midway
from restage.faults.effects.shot import Shot

PR_SET_DUMPABLE = 4  # <sys/prctl.h>

LIBC = ctypes.CDLL(None)


def end_process(shot: Shot, how: str, strike: Callable[[], None]) -> None:
    """Report, flush the standard streams and strike, even when the former fail."""

    def act(where: str) -> None:
        try:
            shot.report(f'{how} {where}', time.monotonic_ns())
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            strike()

    midway(shot, act)


def forbid_core_dump() -> None:
    """Have the kernel write no core dump of this process, neither to a file nor to a pipe."""
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, hard))
    # A core pattern that is a pipe does not heed the limit.
    LIBC.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
