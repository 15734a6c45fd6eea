# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""``timing.delay``: a real stall of the inference thread."""

from __future__ import annotations

import time

import torch

from restage.faults.effects.shot import Shot

# Some 20 µs a pass and below the size at which torch would use more than one thread.
BUSY_ELEMENTS = 8192


def stall(shot: Shot) -> None:
    """Hold the calling thread for ``delay_ms``; reported before the stall begins."""
    delay_ms, mode = shot.double('delay_ms'), shot.text('mode')
    started = time.monotonic_ns()
    shot.report(f'{mode} for {delay_ms:g} ms', started)
    until = started + round(delay_ms * 1e6)
    if mode == 'busy':
        compute_until(until)
    else:
        sleep_until(until)


def compute_until(until_ns: int) -> None:
    """Compute in native code, without the GIL, until CLOCK_MONOTONIC shows ``until_ns``."""
    with torch.inference_mode():
        buffer = torch.zeros(BUSY_ELEMENTS)
        while time.monotonic_ns() < until_ns:
            buffer.sin_()


def sleep_until(until_ns: int) -> None:
    """Sleep, without the GIL, until CLOCK_MONOTONIC shows ``until_ns``."""
    while (left := until_ns - time.monotonic_ns()) > 0:
        time.sleep(left / 1e9)
