# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""``timing.hang``: the inference thread never comes back."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from threading import Lock

import torch

from restage.faults.effects.shot import Shot

# At some 5 billion a second, seven years.
ENDLESS_ELEMENTS = 2**60


def hang_for_ever(shot: Shot) -> None:
    """Never return; reported before."""
    mode = shot.text('mode')
    shot.report(f'{mode}, for ever', time.monotonic_ns())
    MODES[mode]()


def deadlock() -> None:
    """Wait for a lock that nobody releases."""
    lock = Lock()
    with lock, lock:
        pass


def loop_in_python() -> None:
    """Execute bytecode without end; other threads get the GIL in turn."""
    while True:
        pass


def loop_natively() -> None:
    """Loop in C without end, with the GIL: no other thread executes Python any more."""
    sum(itertools.repeat(0))


def compute_natively() -> None:
    """Be in one torch operation without end, without the GIL and in next to no memory."""
    with torch.inference_mode():
        torch.zeros(1).expand(ENDLESS_ELEMENTS).sum()


MODES: dict[str, Callable[[], None]] = {
    'python': deadlock,
    'python_busy': loop_in_python,
    'native': loop_natively,
    'native_free': compute_natively,
}
