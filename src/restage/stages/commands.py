# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Orders of the recovery node to the inference thread that waits for one."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from enum import Enum


class Tier(str, Enum):
    """What a detection node can be told to do about an error of its own."""

    RETRY_STAGE = 'retry_stage'
    RELOAD_WEIGHTS = 'reload_weights'
    RELOAD_MODEL = 'reload_model'
    DROP_FRAME = 'drop_frame'


@dataclass(frozen=True)
class Order:
    """
    Do ``tier`` with the frame of ``stamp_ns``; resume from ``boundary`` at the latest.

    ``attempt``: the try at the frame, from 0, whose error it is about.
    """

    stamp_ns: int
    tier: Tier
    boundary: int
    attempt: int = 0


class OrderBox:
    """Holds at most one order; given by the executor, taken by the inference thread."""

    def __init__(self) -> None:
        self._order: Order | None = None
        self._waiting_for: tuple[int, int] | None = None
        self._changed = threading.Condition()

    def expect(self, stamp_ns: int, attempt: int = 0) -> None:
        """Begin to accept an order for that try at the frame; call before its error is reported."""
        with self._changed:
            self._order = None
            self._waiting_for = stamp_ns, attempt

    def give(self, order: Order) -> bool:
        """Hand ``order`` over; False when nobody waits for one about that try at that frame."""
        with self._changed:
            if self._waiting_for != (order.stamp_ns, order.attempt):
                return False
            self._order = order
            self._changed.notify()
            return True

    def wait(self, deadline_s: float) -> Order | None:
        """Return the order, or None when none came within ``deadline_s`` seconds."""
        end = time.monotonic() + deadline_s
        with self._changed:
            while self._order is None:
                left = end - time.monotonic()
                if left <= 0:
                    break
                self._changed.wait(left)
            self._waiting_for = None
            return self._order
