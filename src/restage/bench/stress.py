# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A busy machine: a process that computes without end on every core."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator

_LOOP = 'while True: pass'


@contextlib.contextmanager
def stress(count: int) -> Iterator[None]:
    """Keep ``count`` processes busy for as long as the context lasts."""
    loops = [subprocess.Popen([sys.executable, '-c', _LOOP]) for _ in range(count)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def every_core() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0))
