# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import threading

import pytest

from restage.cameras import LATE_NS
from restage.checkpoint.boundaries import NO_CHECKPOINT
from restage.checkpoint.progress import FaultNote, FrameState
from restage.recovery import coordinator as module
from restage.recovery.case import Outcome
from restage.recovery.cases import SETTLE_NS
from restage.recovery.coordinator import BEATS_OF_LIFE
from restage.recovery.policy import Tier
from restage.recovery.ports import NodeOrder
from restage.recovery.roles import ADOPTION_NS, RETRY_ORDER_NS
from restage.recovery.roster import Lifecycle

UNCONFIGURED, INACTIVE, ACTIVE = 1, 2, 3
CONFIGURING, FINALIZED = 10, 4
DEADLINE_S = 60.0


def promotion(epoch: int, stamp_ns: int) -> NodeOrder:
    return NodeOrder(number=0, promote=True, epoch=epoch, after=(stamp_ns,))


# The start of the system


def test_both_nodes_are_watched_and_configured_and_the_first_ready_one_is_primary(
    starting,
) -> None:
    port = starting.port
    starting.beats('a', UNCONFIGURED)
    starting.beats('b', UNCONFIGURED)
    assert port.take() == [
        ('watch', 'a', 100),
        ('configure', 'a'),
        ('watch', 'b', 200),
        ('configure', 'b'),
    ]
    starting.beats('a', UNCONFIGURED)
    starting.beats('a', CONFIGURING)
    assert port.take() == []  # configure is under way
    starting.beats('a', INACTIVE)
    starting.beats('b', INACTIVE)
    starting.beats('a', ACTIVE, epoch=1)
    assert port.take() == [('fence', 1), ('order', 'a', promotion(1, 0))]
    roster = starting.coordinator.roster
    assert roster.primary is roster.members['a']
    assert roster.standby() is roster.members['b']


def test_a_node_that_is_configured_becomes_a_standby_beside_the_primary(system) -> None:
    standby = system.coordinator.roster.standby()
    assert standby is not None
    assert standby.name == 'b'


def test_an_order_is_not_repeated_while_it_is_under_way(starting) -> None:
    for _ in range(5):
        starting.beats('a', UNCONFIGURED)
    assert starting.port.done.count(('configure', 'a')) == 1


def test_heartbeats_from_before_the_promotion_do_not_undo_it(starting) -> None:
    starting.beats('a', INACTIVE)
    starting.beats('a', INACTIVE)
    starting.beats('b', INACTIVE)
    assert [node for node, _ in starting.port.orders] == ['a']


def test_a_promotion_that_does_not_get_through_in_time_is_given_again(starting, clock) -> None:
    starting.beats('a', INACTIVE)
    starting.beats('a', INACTIVE)
    assert starting.port.take() == [
        ('watch', 'a', 100),
        ('fence', 1),
        ('order', 'a', promotion(1, 0)),
    ]
    clock.passes(RETRY_ORDER_NS)
    starting.beats('a', INACTIVE)
    assert starting.port.take() == [('fence', 2), ('order', 'a', promotion(2, 0))]


def test_who_died_while_nobody_listened_is_replaced_when_somebody_does(starting) -> None:
    starting.beats('a', INACTIVE)
    starting.beats('a', ACTIVE, epoch=1)
    starting.beats('b', INACTIVE)
    starting.port.take()
    starting.coordinator.listen(starting.clock.monotonic_ns())
    assert starting.port.take() == []
    starting.port.gone.add(100)
    starting.coordinator.listen(starting.clock.monotonic_ns())
    assert [what for what, *_ in starting.port.take()] == ['fence', 'order']
    assert starting.coordinator.roster.primary.name == 'b'


@pytest.mark.parametrize('state', [CONFIGURING, FINALIZED, 13])
def test_a_node_in_transition_gets_no_order(starting, state: int) -> None:
    starting.beats('a', state)
    assert starting.port.take() == [('watch', 'a', 100)]


def test_a_node_of_another_name_is_left_alone(starting) -> None:
    starting.coordinator.on_heartbeat('stranger', 300, INACTIVE, 0)
    assert starting.port.take() == []


def test_a_process_that_is_gone_already_is_not_counted_on(starting) -> None:
    starting.port.gone.add(100)
    starting.beats('a', INACTIVE)
    starting.beats('b', INACTIVE)
    assert [node for node, _ in starting.port.orders] == ['b']


# Soft errors


def test_a_soft_error_is_answered_with_a_retry_from_its_latest_checkpoint(system) -> None:
    system.errs('a', 4, latest=1)
    assert system.port.take() == [
        ('order', 'a', NodeOrder(number=1, tier=Tier.RETRY_STAGE, stamp_ns=4, boundary=1))
    ]


def test_a_recovered_soft_error_is_one_case_with_all_its_times_in_order(system, clock) -> None:
    note = FaultNote('f1', 'nn.neuron.nan', clock.monotonic_ns())
    system.port.working('a', 4, state=FrameState.WAITING, fault=note)
    system.coordinator.on_published(4)
    system.errs('a', 4)
    system.errs('a', 4, attempt=1)
    restored_ns = clock.monotonic_ns()
    system.coordinator.on_resumed('a', 4, -1, restored_ns, clock.monotonic_ns())
    system.coordinator.on_detected(4, clock.monotonic_ns())
    (case,) = system.port.cases
    times = [case.injected_ns, case.detected_ns, case.decided_ns]
    times += [case.restored_ns, case.resumed_ns, case.first_good_output_ns]
    assert times == sorted(set(times))
    assert 0 not in times
    assert (case.tiers, case.attempts) == (['retry_stage', 'reload_weights'], 2)
    assert (case.tier, case.outcome) == ('reload_weights', Outcome.RECOVERED)
    assert (case.node, case.recovered_by, case.stage) == ('a', 'a', 'neck')
    assert (case.fault_id, case.resumed_from, case.frames_lost) == ('f1', -1, 0)


def test_a_frame_that_is_given_up_ends_as_dropped_when_the_next_comes_out(system) -> None:
    system.coordinator.on_published(4)
    system.errs('a', 4)
    system.coordinator.on_dropped(4, 'finite', 'tried enough')
    assert system.port.cases == []
    system.flows(5)
    system.settles()
    (case,) = system.port.cases
    assert (case.outcome, case.detail) == (Outcome.FRAME_DROPPED, 'tried enough')
    assert case.frames_lost == 1
    assert system.coordinator.ledger.lost == {'finite': 1}


def test_a_case_whose_backlog_never_comes_out_is_closed_by_the_clock(system, clock) -> None:
    system.coordinator.on_published(4)
    system.coordinator.on_published(5)
    system.errs('a', 4)
    system.coordinator.on_detected(4, clock.monotonic_ns())
    assert system.port.cases == []
    clock.passes(2 * SETTLE_NS)
    system.coordinator.tick(clock.monotonic_ns())
    (case,) = system.port.cases
    assert case.frames_lost == 1


def test_an_error_of_a_node_that_is_not_led_is_left_alone(system) -> None:
    system.coordinator.on_published(4)
    system.errs('stranger', 4)
    assert system.port.take() == []
    assert system.coordinator.cases.find(4) is None


def test_an_error_heard_before_any_heartbeat_is_answered_too(starting) -> None:
    starting.errs('a', 4)
    ((node, order),) = starting.port.orders
    assert (node, order.tier) == ('a', Tier.RETRY_STAGE)


@pytest.mark.parametrize('nodes', ['a', 'ab'])
def test_an_error_that_is_heard_after_the_death_of_its_node_changes_nothing(
    make_ready, nodes: str
) -> None:
    system = make_ready(*nodes)
    system.coordinator.on_published(4)
    system.port.working('a', 4)
    system.dies('a')
    system.port.take()
    system.errs('a', 4)
    assert system.port.take() == []
    case = system.coordinator.cases.find(4)
    assert case.tiers == ['failover' if 'b' in nodes else 'restart']


def test_an_error_of_a_primary_that_was_replaced_is_left_alone(system) -> None:
    system.beats('b', ACTIVE, epoch=2)
    system.port.take()
    system.errs('a', 4)
    assert system.port.take() == []


# Deaths


def test_the_death_of_the_primary_fences_it_before_the_standby_gets_its_frame(system) -> None:
    system.coordinator.on_published(4)
    system.port.working('a', 4, boundaries=(2, 1, -1))
    system.dies('a')
    fence, order = system.port.take()
    assert fence == ('fence', 2)
    assert order == (
        'order',
        'b',
        NodeOrder(
            number=1,
            tier=Tier.FAILOVER,
            epoch=2,
            stamp_ns=4,
            after=(4,),
            has_frame=True,
            boundary=2,
            from_node='a',
        ),
    )
    roster = system.coordinator.roster
    assert roster.primary is roster.members['b']
    assert roster.members['a'].state is Lifecycle.ABSENT


def test_a_failover_is_one_case_with_all_its_times_in_order(system, clock) -> None:
    note = FaultNote('f2', 'proc.kill', clock.monotonic_ns())
    system.port.working('a', 4, fault=note)
    for stamp in (4, 5):
        system.coordinator.on_published(stamp)
    system.dies('a')
    system.coordinator.on_resumed('b', 4, 1, clock.monotonic_ns(), clock.monotonic_ns())
    system.coordinator.on_detected(4, clock.monotonic_ns())
    assert system.port.cases == []
    system.coordinator.on_detected(5, clock.monotonic_ns())
    (case,) = system.port.cases
    times = [case.injected_ns, case.detected_ns, case.decided_ns]
    times += [case.restored_ns, case.resumed_ns, case.first_good_output_ns]
    assert times == sorted(set(times))
    assert 0 not in times
    assert (case.tiers, case.attempts) == (['failover'], 1)
    assert (case.tier, case.outcome, case.frames_lost) == ('failover', Outcome.RECOVERED, 0)
    assert (case.node, case.recovered_by, case.stage) == ('a', 'b', 'neck')
    assert (case.detector, case.fault_kind) == ('process_exit', 'proc.kill')


def test_a_primary_that_dies_between_frames_hands_over_no_frame(system) -> None:
    system.dies('a')
    ((node, order),) = system.port.orders
    assert (node, order.tier) == ('b', Tier.FAILOVER)
    assert (order.has_frame, order.stamp_ns) == (False, 3)
    system.flows(4)
    system.settles()
    (case,) = system.port.cases
    assert not case.has_frame
    assert (case.stage, case.outcome, case.frames_lost) == ('', Outcome.RECOVERED, 0)


def test_a_primary_that_dies_before_its_file_exists_is_replaced_too(system) -> None:
    system.port.files.clear()
    system.dies('a')
    ((node, order),) = system.port.orders
    assert (node, order.has_frame, order.boundary) == ('b', False, NO_CHECKPOINT)


def test_a_frame_without_a_checkpoint_is_handed_over_without_a_boundary(system) -> None:
    system.port.working('a', 4, boundaries=())
    system.dies('a')
    ((_, order),) = system.port.orders
    assert (order.has_frame, order.boundary) == (True, NO_CHECKPOINT)


def test_a_frame_whose_detections_were_received_is_not_resumed(system) -> None:
    system.coordinator.on_published(4)
    system.coordinator.on_detected(4, 4)
    system.port.working('a', 4, state=FrameState.PUBLISHING)
    system.dies('a')
    ((_, order),) = system.port.orders
    assert (order.has_frame, order.stamp_ns) == (False, 4)


def test_a_frame_whose_detections_are_still_on_their_way_is_waited_for(
    system, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, 'ON_ITS_WAY_S', DEADLINE_S)
    system.coordinator.on_published(4)
    system.port.working('a', 4, state=FrameState.PUBLISHING)
    late = threading.Thread(target=system.coordinator.on_detected, args=(4, 4))
    system.port.on_marks = late.start
    system.dies('a')
    late.join(DEADLINE_S)
    ((_, order),) = system.port.orders
    assert not order.has_frame
    assert system.coordinator.ledger.duplicates == 0


def test_a_frame_that_was_being_published_and_never_arrives_is_resumed(system) -> None:
    system.coordinator.on_published(4)
    system.port.working('a', 4, state=FrameState.PUBLISHING)
    system.dies('a')
    ((_, order),) = system.port.orders
    assert (order.has_frame, order.stamp_ns) == (True, 4)


def test_the_death_of_the_standby_is_no_failover_and_its_successor_is_configured(
    system,
) -> None:
    system.dies('b')
    assert system.port.take() == []
    assert system.coordinator.roster.standby() is None
    system.beats('b', UNCONFIGURED, pid=201)
    assert system.port.take() == [('watch', 'b', 201), ('configure', 'b')]
    system.flows(4)
    assert system.port.cases == []


def test_who_was_taken_for_dead_but_beats_on_is_welcome_again(system) -> None:
    system.dies('b')
    system.port.gone.clear()
    for _ in range(BEATS_OF_LIFE - 1):
        system.beats('b', INACTIVE)
    assert system.coordinator.roster.standby() is None
    system.beats('b', INACTIVE)
    standby = system.coordinator.roster.standby()
    assert standby is not None
    assert (standby.name, standby.pid) == ('b', 200)
    assert any('lives' in text for text in system.port.said)


def test_who_is_dead_is_not_believed_to_live_however_many_beats_come_late(system) -> None:
    system.dies('b')
    for _ in range(3 * BEATS_OF_LIFE):
        system.beats('b', INACTIVE)
    assert system.coordinator.roster.standby() is None


def test_a_heartbeat_of_a_dead_process_that_comes_late_is_ignored(system) -> None:
    system.dies('a')
    system.port.take()
    system.beats('a', ACTIVE, epoch=1)
    assert system.port.take() == []
    assert system.coordinator.roster.members['a'].state is Lifecycle.ABSENT


def test_without_a_standby_the_restarted_node_is_promoted(system) -> None:
    system.dies('b')
    system.coordinator.on_published(4)
    system.port.working('a', 4)
    system.dies('a')
    assert system.port.take() == []
    system.beats('a', UNCONFIGURED, pid=101)
    assert system.port.take() == [('watch', 'a', 101), ('configure', 'a')]
    system.beats('a', INACTIVE, pid=101)
    assert system.port.take() == [('fence', 2), ('order', 'a', promotion(2, 3))]
    system.beats('a', ACTIVE, epoch=2, pid=101)
    system.flows(5)
    system.settles()
    (case,) = system.port.cases
    assert (case.tier, case.outcome, case.frames_lost) == ('restart', Outcome.FRAME_DROPPED, 1)


def test_after_a_failover_the_respawned_node_is_the_new_standby(system) -> None:
    system.dies('a')
    system.beats('b', ACTIVE, epoch=2)
    system.beats('a', INACTIVE, pid=101)
    standby = system.coordinator.roster.standby()
    assert standby is not None
    assert standby.name == 'a'
    system.port.working('b', 5)
    system.port.take()
    system.dies('b')
    ((node, order),) = system.port.orders
    assert (node, order.epoch, order.from_node) == ('a', 3, 'b')


def test_a_refused_promotion_is_given_again_at_the_next_heartbeat(system) -> None:
    system.dies('a')
    system.port.take()
    system.coordinator.on_refused('b', 'the activate transition failed')
    assert system.coordinator.roster.primary is None
    system.beats('b', INACTIVE)
    assert system.port.take() == [('fence', 3), ('order', 'b', promotion(3, 3))]


def test_the_refusal_of_a_node_that_is_no_primary_changes_no_roles(system) -> None:
    system.coordinator.on_refused('b', 'late answer')
    assert system.coordinator.roster.primary is system.coordinator.roster.members['a']
    assert system.coordinator.roster.standby() is system.coordinator.roster.members['b']


# Another recovery node before


def test_a_restarted_recovery_node_adopts_the_primary_it_finds(adopting) -> None:
    adopting.beats('a', ACTIVE, epoch=5)
    adopting.beats('b', INACTIVE)
    assert adopting.port.take() == [('watch', 'a', 100), ('watch', 'b', 200)]
    assert adopting.coordinator.roster.primary is adopting.coordinator.roster.members['a']
    adopting.port.idle('a', 9)
    adopting.dies('a')
    ((node, order),) = adopting.port.orders
    assert (node, order.epoch) == ('b', 6)


def test_an_active_node_of_an_older_epoch_is_deactivated(system) -> None:
    system.beats('b', ACTIVE, epoch=0)
    assert system.port.take() == [('deactivate', 'b')]
    assert system.coordinator.roster.primary is system.coordinator.roster.members['a']
    system.beats('b', INACTIVE)
    assert system.port.take() == []
    assert system.coordinator.roster.standby() is system.coordinator.roster.members['b']


def test_a_restarted_recovery_node_that_hears_the_standby_first_adopts_the_primary_too(
    adopting,
) -> None:
    adopting.beats('b', INACTIVE)
    adopting.beats('a', ACTIVE, epoch=5)
    assert adopting.port.orders == []
    assert adopting.coordinator.roster.primary is adopting.coordinator.roster.members['a']
    adopting.port.take()
    adopting.dies('a')
    ((node, order),) = adopting.port.orders
    assert (node, order.tier, order.epoch) == ('b', Tier.FAILOVER, 6)


def test_a_restarted_recovery_node_that_hears_no_primary_makes_one_in_the_end(
    adopting, clock
) -> None:
    adopting.beats('b', INACTIVE)
    clock.passes(ADOPTION_NS // 2)
    adopting.beats('b', INACTIVE)
    assert adopting.port.take() == [('watch', 'b', 200)]
    clock.passes(ADOPTION_NS // 2)
    adopting.beats('b', INACTIVE)
    assert adopting.port.take() == [('fence', 6), ('order', 'b', promotion(6, 0))]


def test_a_restarted_recovery_node_that_hears_of_all_that_they_are_no_primary_makes_one(
    adopting,
) -> None:
    adopting.beats('b', INACTIVE)
    assert adopting.port.take() == [('watch', 'b', 200)]
    adopting.beats('a', INACTIVE)
    assert adopting.port.take() == [
        ('watch', 'a', 100),
        ('fence', 6),
        ('order', 'a', promotion(6, 0)),
    ]


def test_a_primary_of_the_store_that_is_never_heard_is_judged_and_replaced(adopting) -> None:
    adopting.coordinator.adopt('a', 100, 5)
    adopting.coordinator.adopt('b', 200, 4)
    assert adopting.coordinator.roster.primary is adopting.coordinator.roster.members['a']
    adopting.beats('b', INACTIVE)
    assert adopting.port.take() == [('watch', 'a', 100), ('watch', 'b', 200)]
    adopting.port.working('a', 9)
    adopting.dies('a', 'stage_deadline')
    ((node, order),) = adopting.port.orders
    assert (node, order.tier, order.epoch) == ('b', Tier.FAILOVER, 6)
    assert (order.has_frame, order.stamp_ns) == (True, 9)


def test_a_node_of_the_store_that_says_it_is_no_primary_is_none(adopting) -> None:
    adopting.coordinator.adopt('a', 100, 5)
    adopting.beats('a', UNCONFIGURED)
    assert adopting.coordinator.roster.primary is None


def test_a_process_of_the_store_that_has_died_since_is_not_led(adopting) -> None:
    adopting.port.gone.add(100)
    adopting.coordinator.adopt('a', 100, 5)
    assert adopting.coordinator.roster.primary is None
    adopting.beats('b', INACTIVE)
    assert adopting.port.orders == []  # a primary may be on another host


def test_who_becomes_primary_later_knows_what_the_dead_one_has_ended(make_ready) -> None:
    system = make_ready('a')
    system.port.working('a', 6)
    system.port.ended('a', 5)  # 4 and 5 were given up
    system.dies('a')
    assert system.port.orders == []
    system.port.gone.clear()
    system.beats('a', INACTIVE, pid=101)
    ((_, order),) = system.port.orders
    assert order.after == (5,)  # 6 may be tried


def test_what_a_store_says_was_ended_is_forgotten_when_the_clock_was_set_back(
    make_system,
) -> None:
    system = make_system('a', epoch=5, ended_of=(3 * LATE_NS, 0))
    system.flows(3 * LATE_NS - 1)
    assert system.coordinator._dealt_with(system.coordinator._left) == (3 * LATE_NS,)
    system.flows(7)
    assert system.coordinator._dealt_with(system.coordinator._left) == (7,)


def test_a_store_whose_primary_is_known_to_be_gone_gets_a_new_one_at_once(make_system) -> None:
    system = make_system(epoch=5, adopt=False)
    system.beats('b', INACTIVE)
    assert system.port.take() == [
        ('watch', 'b', 200),
        ('fence', 6),
        ('order', 'b', promotion(6, 0)),
    ]


def test_the_first_primary_goes_on_after_what_was_dealt_with_before(make_system) -> None:
    system = make_system(epoch=5, ended_of=(77,))
    system.beats('b', INACTIVE)
    ((_, order),) = system.port.orders
    assert order.after == (77,)


def test_while_it_waits_for_a_primary_it_configures_who_is_not(adopting) -> None:
    adopting.beats('a', UNCONFIGURED)
    assert adopting.port.take() == [('watch', 'a', 100), ('configure', 'a')]
    for _ in range(3):
        adopting.beats('a', INACTIVE)
    assert adopting.port.take() == []


# Accidents at bad moments


def test_a_primary_that_dies_before_its_first_frame_hands_over_after_the_last_output(
    system,
) -> None:
    system.dies('a')
    system.beats('b', ACTIVE, epoch=2)
    system.beats('a', INACTIVE, pid=101)
    system.port.take()
    system.dies('b')
    ((_, order),) = system.port.orders
    assert (order.has_frame, order.stamp_ns) == (False, 3)


def test_frames_the_dead_primary_ended_are_not_begun_again_though_none_was_received(
    system,
) -> None:
    system.port.idle('a', 5)
    system.dies('a')
    ((_, order),) = system.port.orders
    assert (order.has_frame, order.stamp_ns) == (False, 5)


def test_a_heartbeat_during_the_wait_for_late_detections_does_not_promote_twice(
    system, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, 'ON_ITS_WAY_S', 0.3)
    system.coordinator.on_published(4)
    system.port.working('a', 4, state=FrameState.PUBLISHING)
    heartbeat = threading.Thread(target=system.beats, args=('b', INACTIVE))
    system.port.on_marks = heartbeat.start
    system.dies('a')
    heartbeat.join(DEADLINE_S)
    ((node, order),) = system.port.orders
    assert (node, order.tier, order.epoch) == ('b', Tier.FAILOVER, 2)
    assert [one for one in system.port.done if one[0] == 'fence'] == [('fence', 2)]


def test_a_death_heard_twice_during_the_wait_for_late_detections_is_one_case(
    system, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, 'ON_ITS_WAY_S', 0.3)
    system.coordinator.on_published(4)
    system.port.working('a', 4, state=FrameState.PUBLISHING)
    second = threading.Thread(target=system.dies, args=('a',))

    def once() -> None:
        system.port.on_marks = lambda: None
        second.start()

    system.port.on_marks = once
    system.dies('a')
    second.join(DEADLINE_S)
    assert [order.tier for _, order in system.port.orders] == [Tier.FAILOVER]
    system.flows(4, 5)
    system.settles()
    (case,) = system.port.cases
    assert case.tier == 'failover'


def test_a_successor_heard_before_the_death_of_its_predecessor_is_not_taken_for_dead(
    system,
) -> None:
    system.port.gone.add(200)
    system.beats('b', UNCONFIGURED, pid=201)
    assert system.port.take() == [('watch', 'b', 201), ('configure', 'b')]
    system.dies('b', pid=200)
    assert system.port.take() == []
    system.beats('b', INACTIVE, pid=201)
    standby = system.coordinator.roster.standby()
    assert standby is not None
    assert standby.pid == 201


def test_a_successor_heard_before_the_death_of_the_primary_starts_the_failover(system) -> None:
    system.coordinator.on_published(4)
    system.port.working('a', 4, boundaries=(2, 1, -1))
    system.port.gone.add(100)
    system.beats('a', UNCONFIGURED, pid=101)
    fence, order, *rest = system.port.take()
    assert fence == ('fence', 2)
    assert order[:2] == ('order', 'b')
    assert (order[2].tier, order[2].stamp_ns, order[2].boundary) == (Tier.FAILOVER, 4, 2)
    assert rest == [('watch', 'a', 101), ('configure', 'a')]
    system.dies('a', pid=100)  # what the watch says of it later
    assert system.port.take() == []
    assert system.coordinator.roster.primary is system.coordinator.roster.members['b']
    assert system.coordinator.roster.members['a'].pid == 101
    system.flows(4)
    system.settles()
    (case,) = system.port.cases
    assert (case.detector, case.error) == ('process_exit', 'process 100 ended')


def test_a_death_is_of_a_process_and_not_of_a_name(system) -> None:
    system.dies('a', pid=99)
    assert system.port.take() == []
    assert system.coordinator.roster.primary is system.coordinator.roster.members['a']
    assert system.coordinator.roster.members['a'].pid == 100


def test_two_processes_of_one_name_are_each_watched_once(system) -> None:
    for _ in range(10):
        system.beats('b', INACTIVE, pid=200)
        system.beats('b', INACTIVE, pid=201)
    assert [one for one in system.port.done if one[0] == 'watch'] == []
    standby = system.coordinator.roster.standby()
    assert standby is not None
    assert standby.pid == 200
    assert system.port.said == ['two processes call themselves b: 201 must wait']


# Silence


def test_the_silence_of_a_node_is_counted_in_ticks_and_ended_by_a_heartbeat(system) -> None:
    silence = system.coordinator.silent_ticks
    for _ in range(4):
        system.coordinator.tick(0)
    assert (silence('a'), silence('b')) == (4, 4)
    system.beats('b', INACTIVE)
    assert (silence('a'), silence('b')) == (4, 0)
    system.beats('a', ACTIVE, epoch=1)
    assert (silence('a'), silence('b')) == (0, 0)


def test_the_silence_of_a_node_that_loads_its_model_is_no_hang(starting) -> None:
    starting.beats('a', UNCONFIGURED)
    for _ in range(50):
        starting.coordinator.tick(0)
    assert starting.coordinator.silent_ticks('a') == 0
    assert starting.coordinator.silent_ticks('b') == 0
    starting.beats('a', INACTIVE)
    assert starting.coordinator.silent_ticks('a') == 0
    starting.coordinator.tick(0)
    assert starting.coordinator.silent_ticks('a') == 1


def test_the_silence_of_the_dead_is_no_hang_nor_is_that_of_their_successor(system) -> None:
    for _ in range(50):
        system.coordinator.tick(0)
    system.dies('b')
    assert system.coordinator.silent_ticks('b') == 0
    system.beats('b', INACTIVE, pid=201)
    assert system.coordinator.silent_ticks('b') == 0


def test_a_primary_that_never_answers_its_promotion_is_silent_too(starting) -> None:
    starting.beats('a', INACTIVE)
    for _ in range(3):
        starting.coordinator.tick(0)
    assert starting.coordinator.silent_ticks('a') == 3


def test_a_heartbeat_of_the_other_process_of_a_name_does_not_end_the_silence(system) -> None:
    system.coordinator.tick(0)
    system.beats('a', ACTIVE, epoch=1, pid=101)
    assert system.coordinator.silent_ticks('a') == 1


def test_a_standby_that_was_just_promoted_has_not_been_silent_for_long(system) -> None:
    for _ in range(50):
        system.coordinator.tick(0)
        system.beats('b', INACTIVE)
    system.dies('a')
    assert system.coordinator.roster.primary is system.coordinator.roster.members['b']
    assert system.coordinator.silent_ticks('b') == 0
