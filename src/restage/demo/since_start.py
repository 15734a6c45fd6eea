# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""How long the user has waited so far."""

from __future__ import annotations

import os
import time
from pathlib import Path


def since_start_s() -> float:
    """Return the age of this process in s, its imports among it. Source: proc(5)."""
    fields = Path('/proc/self/stat').read_text().rpartition(')')[2].split()
    started_s = int(fields[19]) / os.sysconf('SC_CLK_TCK')
    return time.clock_gettime(time.CLOCK_BOOTTIME) - started_s
