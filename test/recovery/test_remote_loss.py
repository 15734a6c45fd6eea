# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from restage.recovery.policy import Tier

UNCONFIGURED, INACTIVE, ACTIVE = 1, 2, 3


def ticks(system, n):
    for _ in range(n):
        system.coordinator.tick(system.clock.monotonic_ns())


def lose(system):
    system.coordinator.on_peers_lost(system.clock.monotonic_ns())


@pytest.fixture
def spread(make_system):
    system = make_system(lost_ticks=5)
    system.beats('a', INACTIVE, remote=True)
    system.beats('b', INACTIVE)
    system.beats('a', ACTIVE, epoch=1, remote=True)
    system.flows(1, 2, 3)
    system.port.take()
    return system


def test_a_loss_that_is_told_before_the_silence_is_remembered(spread):
    ticks(spread, 1)
    lose(spread)
    assert spread.port.take() == []
    ticks(spread, 3)
    assert spread.port.take() == []
    ticks(spread, 1)
    fence, (_, node, order) = spread.port.take()
    assert (fence, node, order.tier) == (('fence', 2), 'b', Tier.FAILOVER)
    ticks(spread, 5)
    assert spread.port.take() == []


def test_who_is_heard_after_a_loss_is_not_meant_also_if_silent_later(spread):
    ticks(spread, 1)
    lose(spread)
    spread.beats('a', ACTIVE, epoch=1, remote=True)
    ticks(spread, 9)
    assert spread.port.take() == []


def test_a_rival_is_no_sign_of_life(spread):
    lose(spread)
    ticks(spread, 4)
    spread.beats('a', UNCONFIGURED, pid=101, remote=True)
    ticks(spread, 1)
    assert spread.coordinator.roster.primary.name == 'b'


def test_what_a_predecessor_on_this_host_left_is_not_taken_for_the_lost_ones(spread):
    spread.port.working('a', 2)
    ticks(spread, 5)
    lose(spread)
    ((_, order),) = spread.port.orders
    assert (order.has_frame, order.stamp_ns) == (False, 3)


def test_a_pid_of_another_host_is_another_process(make_ready):
    system = make_ready('a', 'b')
    system.dies('b')
    system.beats('b', INACTIVE, remote=True)  # the same number
    b = system.coordinator.roster.members['b']
    assert (b.pid, b.remote) == (200, True)


def test_the_same_pid_here_and_there_are_two(make_ready):
    system = make_ready('a', 'b')
    system.beats('a', INACTIVE, remote=True)
    assert system.port.said == ['two processes call themselves a: 100 must wait']
    assert system.coordinator.roster.primary.name == 'a'
