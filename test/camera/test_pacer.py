# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import threading
import time

import pytest

from restage.camera.pacer import Pacer


class Clock:
    """A clock that moves only when told to, and an Event that waits on it."""

    def __init__(self) -> None:
        self.now_ns = 1_000
        self.stopped = False
        self.moments: list[int] = []

    def __call__(self) -> int:
        return self.now_ns

    def wait(self, seconds: float) -> bool:
        self.now_ns += round(seconds * 1e9)
        return self.stopped

    def is_set(self) -> bool:
        return self.stopped


def test_no_drift_over_many_frames_of_uneven_work():
    clock = Clock()
    pacer = Pacer(30.0, clock_ns=clock)
    for number in range(3000):
        assert pacer.wait(clock)
        assert abs(clock.now_ns - 1_000 - number * 1e9 / 30) <= 1
        clock.now_ns += (number * 7919) % 33_000_000
    assert pacer.missed == 0


def test_a_little_late_goes_on_at_once_and_catches_up():
    clock = Clock()
    pacer = Pacer(10.0, clock_ns=clock)
    pacer.wait(clock)
    clock.now_ns += 130_000_000
    pacer.wait(clock)
    assert clock.now_ns == 1_000 + 130_000_000
    pacer.wait(clock)
    assert clock.now_ns == 1_000 + 200_000_000
    assert pacer.missed == 0


def test_very_late_skips_moments_instead_of_a_burst():
    clock = Clock()
    pacer = Pacer(10.0, clock_ns=clock)
    pacer.wait(clock)
    clock.now_ns += 570_000_000
    pacer.wait(clock)
    assert clock.now_ns == 1_000 + 570_000_000
    assert pacer.missed == 4
    pacer.wait(clock)
    assert clock.now_ns == 1_000 + 600_000_000


def test_stop_ends_the_wait():
    stop = threading.Event()
    pacer = Pacer(0.01)
    assert pacer.wait(stop)
    timer = threading.Timer(0.05, stop.set)
    timer.start()
    before = time.monotonic()
    assert not pacer.wait(stop)
    assert time.monotonic() - before < 10.0
    assert not pacer.wait(stop)


@pytest.mark.parametrize('rate', [0.0, -1.0, float('nan')])
def test_bad_rate(rate):
    with pytest.raises(ValueError, match='must be positive'):
        Pacer(rate)
