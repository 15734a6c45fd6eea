# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""``proc.kill``: SIGKILL to the own process while the stage computes."""

from __future__ import annotations

import os
import signal

from restage.faults.effects.end import end_process
from restage.faults.effects.shot import Shot


def kill_own_process(shot: Shot) -> None:
    """Kill this process, in the middle of the computation unless the fault says otherwise."""
    end_process(shot, 'SIGKILL', lambda: os.kill(os.getpid(), signal.SIGKILL))
