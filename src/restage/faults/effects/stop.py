# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""``timing.stop``: the own process is stopped while the stage computes."""

from __future__ import annotations

import signal
import threading
import time

from restage.faults.effects.midway import midway
from restage.faults.effects.shot import Shot


def stop_own_process(shot: Shot) -> None:
    """
    Stop this process, in the middle of the computation unless the fault says otherwise.

    Somebody else's SIGCONT ends the stop, and then the stage goes on.
    """

    def act(where: str) -> None:
        shot.report(f'SIGSTOP {where}', time.monotonic_ns())
        # Stops the process whichever thread it is sent to; sent to the calling one, it does so
        # before the call returns.
        signal.pthread_kill(threading.get_ident(), signal.SIGSTOP)

    midway(shot, act)
