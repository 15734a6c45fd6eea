# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""``timing.cpu_hog``: threads that take the cores away from the inference."""

from __future__ import annotations

import time
from threading import Thread

from restage.faults.effects.delay import compute_until
from restage.faults.effects.shot import NotThisTimeError, Shot


def hog_cores(shot: Shot) -> None:
    """
    Start threads that compute for ``hog_ms``.

    :raises NotThisTimeError: while those of this fault's last firing compute.
    """
    busy_until = shot.memory.get('until')
    if isinstance(busy_until, int) and time.monotonic_ns() < busy_until:
        raise NotThisTimeError
    hog_ms, count = shot.double('hog_ms'), shot.integer('threads')
    started = time.monotonic_ns()
    until = started + round(hog_ms * 1e6)
    shot.memory['until'] = until
    shot.report(f'{count} threads for {hog_ms:g} ms', started)
    for _ in range(count):
        Thread(target=compute_until, args=(until,), name='cpu-hog', daemon=True).start()
