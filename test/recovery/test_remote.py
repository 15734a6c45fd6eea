# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Detection nodes on other hosts, whose processes cannot be watched from here."""

from __future__ import annotations

import pytest

from restage.checkpoint.progress import FaultNote
from restage.recovery.policy import Tier
from restage.recovery.roster import Lifecycle

UNCONFIGURED, INACTIVE, ACTIVE = 1, 2, 3
# Silent for longer than it may take DDS to deliver a heartbeat.
SILENT = 2


@pytest.fixture
def spread(make_spread):
    return make_spread()


def test_a_node_on_another_host_is_led_but_not_watched(make_system) -> None:
    system = make_system()
    system.port.gone.add(100)  # what its pid is on this host does not matter
    system.beats('a', UNCONFIGURED, remote=True)
    assert system.port.take() == [('configure', 'a')]
    system.beats('a', INACTIVE, remote=True)
    system.beats('a', ACTIVE, epoch=1, remote=True)
    assert system.port.did('watch') == []
    assert system.coordinator.roster.primary is system.coordinator.roster.members['a']


def test_the_file_of_a_predecessor_on_this_host_says_nothing_of_a_node_on_another(spread) -> None:
    note = FaultNote('f1', 'proc.kill', spread.clock.monotonic_ns())
    spread.port.working('a', 9, fault=note)
    spread.errs('a', 4)
    assert spread.coordinator.cases.find(4).fault_id == ''
    spread.falls_silent(SILENT)
    spread.loses_peers()
    order = spread.port.orders[-1][1]
    assert (order.tier, order.has_frame, order.stamp_ns) == (Tier.FAILOVER, False, 3)


def test_a_silent_primary_is_lost_when_dds_says_so(spread) -> None:
    spread.falls_silent(SILENT)
    assert spread.port.take() == []
    spread.loses_peers()
    fence, (_, node, order) = spread.port.take()
    assert (fence, node) == (('fence', 2), 'b')
    assert (order.tier, order.has_frame, order.stamp_ns) == (Tier.FAILOVER, False, 3)
    spread.flows(4)
    spread.settles()
    (case,) = spread.port.cases
    assert (case.node, case.detector, case.error) == ('a', 'liveliness', 'its host is silent')


@pytest.mark.parametrize('ticks', [0, 1])
def test_a_node_that_is_heard_is_not_lost_with_another(spread, ticks: int) -> None:
    spread.falls_silent(SILENT)
    spread.beats('a', ACTIVE, epoch=1, remote=True)
    spread.falls_silent(ticks)
    spread.loses_peers()
    assert spread.port.take() == []
    assert spread.coordinator.roster.primary is spread.coordinator.roster.members['a']


def test_a_silent_node_of_this_host_is_left_to_those_who_watch_its_process(spread) -> None:
    spread.beats('a', ACTIVE, epoch=1, remote=True)
    spread.falls_silent(1)
    spread.coordinator.roster.members['b'].silent_ticks = 50
    spread.loses_peers()
    assert spread.coordinator.roster.members['b'].state is Lifecycle.INACTIVE
    assert spread.port.take() == []


def test_a_node_that_ends_in_good_order_is_lost_once_it_has_been_silent(spread) -> None:
    spread.loses_peers()  # at once, when it was heard only just now
    assert spread.port.take() == []
    spread.falls_silent(SILENT - 1)
    assert spread.port.take() == []
    spread.falls_silent(1)
    assert [node for node, _ in spread.port.orders] == ['b']


def test_a_node_that_is_heard_after_dds_lost_somebody_is_no_longer_in_doubt(spread) -> None:
    spread.loses_peers()
    spread.beats('a', ACTIVE, epoch=1, remote=True)
    spread.falls_silent(10 * SILENT)
    assert spread.port.take() == []
    spread.loses_peers()
    assert [node for node, _ in spread.port.orders] == ['b']


def test_how_long_a_node_must_be_silent_to_be_lost_can_be_chosen(make_system) -> None:
    system = make_system(lost_ticks=7)
    system.beats('a', INACTIVE, remote=True)
    system.beats('a', ACTIVE, epoch=1, remote=True)
    system.loses_peers()
    system.falls_silent(6)
    assert system.coordinator.roster.primary is system.coordinator.roster.members['a']
    system.falls_silent(1)
    assert system.coordinator.roster.primary is None


# A pid is a number, and every host counts from one


def test_a_node_of_another_host_may_have_the_pid_of_one_that_died_here(system) -> None:
    system.dies('b')
    system.beats('b', UNCONFIGURED, pid=200, remote=True)
    assert system.port.take() == [('configure', 'b')]


def test_a_node_of_this_host_may_have_the_pid_of_one_that_was_lost(spread) -> None:
    spread.falls_silent(SILENT)
    spread.loses_peers()
    spread.port.take()
    spread.beats('a', UNCONFIGURED, pid=100)
    assert spread.port.take() == [('watch', 'a', 100), ('configure', 'a')]


def test_a_late_heartbeat_of_a_process_that_died_here_is_still_ignored(system) -> None:
    system.dies('b')
    system.beats('b', INACTIVE, pid=200)
    assert system.port.take() == []
    assert system.coordinator.roster.standby() is None


def test_the_same_pid_on_another_host_is_another_process(system) -> None:
    system.beats('b', INACTIVE, pid=200, remote=True)
    assert system.port.said == ['two processes call themselves b: 200 must wait']
    assert not system.coordinator.roster.members['b'].remote


def test_a_loss_is_told_once(spread) -> None:
    spread.falls_silent(SILENT)
    spread.loses_peers()
    spread.port.take()
    spread.loses_peers()
    assert spread.port.take() == []


def test_a_node_that_was_only_cut_off_is_welcome_again_as_standby(spread) -> None:
    spread.falls_silent(SILENT)
    spread.loses_peers()
    spread.beats('b', ACTIVE, epoch=2)
    spread.port.take()
    spread.beats('a', ACTIVE, epoch=1, remote=True)  # it does not know of its successor
    assert spread.port.take() == [('deactivate', 'a')]
    spread.beats('a', INACTIVE, remote=True)
    standby = spread.coordinator.roster.standby()
    assert (standby.name, standby.pid, standby.remote) == ('a', 100, True)
    assert spread.coordinator.roster.primary is spread.coordinator.roster.members['b']


def test_a_lost_standby_costs_nothing(make_ready) -> None:
    system = make_ready('a', 'b')
    system.dies('b')
    system.beats('b', INACTIVE, pid=201, remote=True)
    system.falls_silent(SILENT)
    system.beats('a', ACTIVE, epoch=1)
    system.port.take()
    system.loses_peers()
    assert system.port.take() == []
    assert system.coordinator.roster.standby() is None
    assert system.coordinator.roster.primary is system.coordinator.roster.members['a']


def test_what_runs_on_another_host_cannot_be_killed_so_its_frame_is_dropped(spread) -> None:
    spread.coordinator.on_published(4)
    spread.errs('a', 4, attempt=2)
    assert spread.port.did('kill') == []
    ((node, order),) = spread.port.orders
    assert (node, order.tier) == ('a', Tier.DROP_FRAME)


@pytest.mark.parametrize('their_ns', [1, 10**18])
def test_the_times_of_another_host_are_not_compared_with_those_of_this_one(
    spread, their_ns: int
) -> None:
    spread.coordinator.on_published(4)
    spread.errs('a', 4, seen_ns=their_ns)
    spread.errs('a', 4, attempt=1, seen_ns=their_ns)
    assert [order.tier for _, order in spread.port.orders] == [
        Tier.RETRY_STAGE,
        Tier.RELOAD_WEIGHTS,
    ]
    spread.coordinator.on_resumed('a', 4, -1, their_ns, their_ns)
    spread.coordinator.on_detected(4, spread.clock.monotonic_ns())
    (case,) = spread.port.cases
    times = [case.detected_ns, case.decided_ns, case.restored_ns, case.first_good_output_ns]
    assert times == sorted(times)
    assert case.detail == ''


def test_a_second_process_of_the_name_waits_until_the_first_is_lost(spread) -> None:
    spread.beats('a', UNCONFIGURED, pid=101, remote=True)
    assert spread.port.said == ['two processes call themselves a: 101 must wait']
    spread.falls_silent(SILENT)
    spread.loses_peers()
    spread.port.take()
    spread.beats('a', UNCONFIGURED, pid=101, remote=True)
    assert spread.port.take() == [('configure', 'a')]
