# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Timers that go on whatever becomes of the wall clock, or of simulated time."""

from __future__ import annotations

from collections.abc import Callable

from rclpy.clock import Clock, ClockType
from rclpy.node import Node
from rclpy.timer import Timer


def steady_timer(
    node: Node, period_s: float, call: Callable[[], None], *, autostart: bool = True
) -> Timer:
    """
    Have ``call`` made by ``node`` every ``period_s`` seconds of CLOCK_MONOTONIC.

    A timer of the node's own clock stands still while simulated time does, and when the system's
    clock is set back until it is where it was.
    """
    timer = node.create_timer(period_s, call, clock=Clock(clock_type=ClockType.STEADY_TIME))
    if not autostart:
        timer.cancel()
    return timer
