# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A failover between frames of several cameras: each goes on where it was."""

from __future__ import annotations

import pytest

from restage.cameras import Cameras
from restage.recovery.case import Outcome

UNKNOWN, UNCONFIGURED, INACTIVE, ACTIVE = range(4)

TWO = Cameras(('left', 'right'))


@pytest.fixture
def system(make_system):
    system = make_system(cameras=TWO)
    system.beats('a', INACTIVE)
    system.beats('b', INACTIVE)
    system.beats('a', ACTIVE, epoch=1)
    system.flows(8, 9, 16)
    system.port.take()
    return system


def test_the_heir_is_told_of_each_camera_what_was_dealt_with(system) -> None:
    system.coordinator.on_published(24)
    system.port.working('a', 24)
    # What frame 17 gave may still be on its way here.
    system.port.ended('a', 16, 17)
    system.dies('a')
    ((_, order),) = system.port.orders
    assert (order.has_frame, order.stamp_ns, order.after) == (True, 24, (24, 17))


def test_the_blindness_of_a_camera_is_not_ended_by_the_output_of_another(system, clock) -> None:
    for stamp in (17, 24):
        system.coordinator.on_published(stamp)
    system.port.working('a', 17)
    system.dies('a')
    # It had been published before the death.
    system.coordinator.on_detected(24, clock.monotonic_ns())
    (case,) = system.coordinator.cases._open
    assert not case.recovered
    system.coordinator.on_detected(17, clock.monotonic_ns())
    system.settles()
    (case,) = system.port.cases
    assert (case.outcome, case.frames_lost) == (Outcome.RECOVERED, 0)
