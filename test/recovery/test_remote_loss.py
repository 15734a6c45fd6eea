# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from restage.recovery.policy import Tier

UNCONFIGURED, INACTIVE, ACTIVE = 1, 2, 3


@pytest.fixture
def spread(make_spread):
    return make_spread(lost_ticks=5)


def test_a_loss_that_is_told_before_the_silence_is_remembered(spread):
    spread.falls_silent(1)
    spread.loses_peers()
    assert spread.port.take() == []
    spread.falls_silent(3)
    assert spread.port.take() == []
    spread.falls_silent(1)
    fence, (_, node, order) = spread.port.take()
    assert (fence, node, order.tier) == (('fence', 2), 'b', Tier.FAILOVER)
    spread.falls_silent(5)
    assert spread.port.take() == []


def test_who_is_heard_after_a_loss_is_not_meant_also_if_silent_later(spread):
    spread.falls_silent(1)
    spread.loses_peers()
    spread.beats('a', ACTIVE, epoch=1, remote=True)
    spread.falls_silent(9)
    assert spread.port.take() == []


def test_a_rival_is_no_sign_of_life(spread):
    spread.loses_peers()
    spread.falls_silent(4)
    spread.beats('a', UNCONFIGURED, pid=101, remote=True)
    spread.falls_silent(1)
    assert spread.coordinator.roster.primary.name == 'b'


def test_what_a_predecessor_on_this_host_left_is_not_taken_for_the_lost_ones(spread):
    spread.port.working('a', 2)
    spread.falls_silent(5)
    spread.loses_peers()
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
