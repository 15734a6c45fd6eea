# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""``proc.segv``: a real segmentation fault while the stage computes."""

from __future__ import annotations

import ctypes
import signal

from restage.faults.effects.end import LIBC, end_process, forbid_core_dump
from restage.faults.effects.shot import Shot


def write_to_null(shot: Shot) -> None:
    """Write through a null pointer, in the middle of the computation unless told otherwise."""
    end_process(shot, 'null pointer written to', _write_to_null)


def _write_to_null() -> None:
    forbid_core_dump()
    # In C: Python sets handlers in its main thread only, and one that returns would have the
    # write tried again for ever.
    LIBC.signal(signal.SIGSEGV, None)
    ctypes.memset(0, 0, 1)
