# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Time that a hypervisor gave to others while this machine wanted to run.

Source: proc(5), /proc/stat, the column ``steal`` of the line ``cpu``.
"""

from __future__ import annotations

import os
from pathlib import Path

_STAT = Path('/proc/stat')
_STEAL = 8
_TICK_NS = 1_000_000_000 // os.sysconf('SC_CLK_TCK')


def stolen_ns() -> int:
    """Return the sum over all cores since the start, ns, in steps of 10 ms; 0 if unknown."""
    try:
        with _STAT.open('rb') as file:
            return int(file.readline().split()[_STEAL]) * _TICK_NS
    except (OSError, IndexError, ValueError):
        return 0
