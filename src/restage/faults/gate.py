# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Which fault commands are let in: the door in front of every place that injects."""

from __future__ import annotations

import time
from collections.abc import Callable

from restage.faults.errors import FaultError

LIFETIME_NS = 5_000_000_000
AHEAD_NS = 1_000_000_000
PER_SECOND = 20.0
BURST = 40.0
OFF = 'this node does not accept faults: it was started without allow_fault_injection:=true'


class Gate:
    """
    Lets a command in if injection is allowed, and the command is fresh and not one too many.

    A command is fresh for 5 s: one that was recorded, or waited in a queue, is not carried out
    later. That an id is used once only is up to who arms the fault.
    """

    def __init__(
        self,
        *,
        allowed: bool,
        now_ns: Callable[[], int],
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """``now_ns``: the clock that commands are stamped with; ``clock_s``: a steady one."""
        self.allowed = allowed
        self._now_ns = now_ns
        self._clock_s = clock_s
        self._tokens = BURST
        self._filled_s = clock_s()

    def admit(self, stamp_ns: int) -> None:
        """
        Let in a command with this stamp, ns.

        :raises FaultError: when it is not let in; says why.
        """
        if not self.allowed:
            raise FaultError(OFF)
        if stamp_ns == 0:
            raise FaultError("'stamp' is 0; accepted: the time at which the command is sent")
        age_s = (self._now_ns() - stamp_ns) / 1e9
        if age_s > LIFETIME_NS / 1e9:
            raise FaultError(
                f'expired: it is {age_s:.1f} s old; accepted: up to {LIFETIME_NS / 1e9:g} s'
            )
        if age_s < -AHEAD_NS / 1e9:
            raise FaultError(
                f'its stamp is {-age_s:.1f} s ahead; accepted: up to {AHEAD_NS / 1e9:g} s. '
                'Do sender and target use the same clock?'
            )
        now = self._clock_s()
        self._tokens = min(BURST, self._tokens + (now - self._filled_s) * PER_SECOND)
        self._filled_s = now
        if self._tokens < 1.0:
            raise FaultError(
                f'too many commands; accepted: {PER_SECOND:g} a second, {BURST:g} at once'
            )
        self._tokens -= 1.0
