# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""End processes as ``ros2 launch`` does: SIGINT, then SIGTERM, then SIGKILL."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Iterable

# Each signal, and how long those that got it have to end, s. A node that has not come to its own
# handler yet ignores SIGINT where the shell has it ignored: in whatever runs in the background.
STEPS = ((signal.SIGINT, 2.0), (signal.SIGTERM, 6.0), (signal.SIGKILL, 60.0))

Process = subprocess.Popen[bytes]


def end_all(
    processes: Iterable[Process], steps: Iterable[tuple[signal.Signals, float]] = STEPS
) -> None:
    """Signal every process that is still there until all have ended, and reap them."""
    left = [process for process in processes if process.poll() is None]
    for number, patience_s in steps:
        for process in left:
            process.send_signal(number)
        end = time.monotonic() + patience_s
        left = [process for process in left if not _ended_by(process, end)]


def _ended_by(process: Process, end: float) -> bool:
    try:
        process.wait(max(0.0, end - time.monotonic()))
    except subprocess.TimeoutExpired:
        return False
    return True
