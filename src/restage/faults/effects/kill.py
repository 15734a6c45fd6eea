# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""``proc.kill``: SIGKILL to the own process while the stage computes."""

from __future__ import annotations

import os
import signal
import sys
import time
from threading import Event, Thread

from restage.faults.effects.shot import Shot
from restage.faults.enums import When


def kill_own_process(shot: Shot) -> None:
    """
    Kill this process: at once, or from a helper thread in the middle of the computation.

    The helper reports, flushes the standard streams and kills while the inference thread
    runs natively. A stage that ends before its time is held at its end until the process is
    dead: no output of it is ever seen.
    """
    shot.deadly = True
    if shot.fault.when is not When.DURING:
        _die(shot, f'SIGKILL {shot.fault.when.name.lower()} the stage')
        return
    after_ms = shot.double('after_ms')
    after_s = after_ms / 1e3 if after_ms >= 0 else shot.last_duration_ns / 2e9
    over = Event()
    started = time.monotonic_ns()

    def helper() -> None:
        over.wait(after_s)
        into_ms = (time.monotonic_ns() - started) / 1e6
        _die(shot, f'SIGKILL {into_ms:.3f} ms into the stage')

    thread = Thread(target=helper, name='restage-kill', daemon=True)

    def hold() -> None:
        over.set()
        thread.join()

    shot.leave.append(hold)
    thread.start()


def _die(shot: Shot, detail: str) -> None:
    try:
        shot.report(detail, time.monotonic_ns())
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os.kill(os.getpid(), signal.SIGKILL)
