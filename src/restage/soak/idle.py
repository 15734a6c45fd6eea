# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""How much of its cores the machine has left unused."""

from __future__ import annotations

import os
from pathlib import Path

_IDLE = 3  # user, nice, system, idle. Source: proc(5), /proc/stat.


def idle_core_s() -> float:
    """Return the seconds for which cores were idle since the machine started, their sum."""
    fields = Path('/proc/stat').read_text().split('\n', 1)[0].split()[1:]
    return int(fields[_IDLE]) / os.sysconf('SC_CLK_TCK')
