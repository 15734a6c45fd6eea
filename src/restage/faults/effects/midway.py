# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Acting in the middle of a stage's computation, from a helper thread."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Event, Thread

from restage.faults.effects.shot import Shot
from restage.faults.enums import When


def midway(shot: Shot, act: Callable[[str], None]) -> None:
    """
    Call ``act`` before or after the stage at once, or from a helper thread in its middle.

    ``act`` is given the place in words. The middle is ``after_ms`` into the stage, or half of
    its last duration, while the inference thread runs natively. A stage that ends before that
    is held at its end until ``act``, called then, returns; if it never does, no output of the
    stage is ever seen.
    """
    if shot.fault.when is not When.DURING:
        act(f'{shot.fault.when.name.lower()} the stage')
        return
    after_ms = shot.double('after_ms')
    after_s = after_ms / 1e3 if after_ms >= 0 else shot.last_duration_ns / 2e9
    over = Event()
    started = time.monotonic_ns()

    def helper() -> None:
        over.wait(after_s)
        into_ms = (time.monotonic_ns() - started) / 1e6
        act(f'{into_ms:.3f} ms into the stage')

    thread = Thread(target=helper, name='restage-fault', daemon=True)

    def hold() -> None:
        over.set()
        thread.join()

    shot.leave.append(hold)
    thread.start()
