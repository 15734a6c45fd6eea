# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""``mem.null_deref``: a read through a null pointer."""

from __future__ import annotations

import ctypes
import signal

from restage.faults.effects.end import LIBC, end_process, forbid_core_dump
from restage.faults.effects.shot import Shot


def read_from_null(shot: Shot) -> None:
    """Read through a null pointer, in the middle of the computation unless told otherwise."""
    end_process(shot, 'null pointer read from', _read)


def _read() -> None:
    forbid_core_dump()
    # In C: Python sets handlers in its main thread only.
    LIBC.signal(signal.SIGSEGV, None)
    ctypes.memmove(ctypes.create_string_buffer(1), 0, 1)
