# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What a trial's process does to itself first: limits, and no life without the study."""

from __future__ import annotations

import ctypes
import os
import resource
import signal

_PR_SET_PDEATHSIG = 1
_FILE_BYTES = 64 << 20


def limit(memory_bytes: int, cpu_s: int, parent: int) -> None:
    """
    Limit address space, processor time and file size; no core dumps; die with ``parent``.

    :raises SystemExit: when the parent is dead already.
    """
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        raise SystemExit(1)
    if memory_bytes:
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_FILE_BYTES, _FILE_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
