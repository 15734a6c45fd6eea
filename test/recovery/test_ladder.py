# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The coordinator on its way up the ladder: what is ordered, and what the record says of it."""

from __future__ import annotations

import pytest

from restage.checkpoint.boundaries import IMAGE, NO_CHECKPOINT
from restage.checkpoint.progress import FaultNote, FrameState
from restage.recovery.breaker import SECOND, BreakerOptions, BreakerState
from restage.recovery.case import Outcome
from restage.recovery.coordinator import ESCALATION
from restage.recovery.policy import Policy, Tier
from restage.recovery.ports import NodeOrder
from restage.recovery.roster import Lifecycle
from restage.weights.keeper import NO_CLEAN_WEIGHTS, WEIGHTS

UNCONFIGURED, INACTIVE, ACTIVE = 1, 2, 3
BUDGET_NS = 300_000_000


def tiers(system) -> list[tuple[str, Tier | None, int]]:
    """Who was ordered to do what, from where."""
    return [(node, order.tier, order.boundary) for node, order in system.port.orders]


# Up the ladder


def test_errors_of_one_frame_climb_from_the_checkpoint_to_the_standby_and_then_cost_the_frame(
    system,
) -> None:
    system.coordinator.on_published(4)
    system.port.working('a', 4, state=FrameState.WAITING, boundaries=(1, 0, -1))
    system.errs('a', 4, latest=1)
    system.errs('a', 4, attempt=1, latest=1)
    assert tiers(system) == [('a', Tier.RETRY_STAGE, 1), ('a', Tier.RELOAD_WEIGHTS, IMAGE)]
    system.port.take()

    system.errs('a', 4, attempt=2, latest=1)
    assert system.port.done == [('kill', 'a', 100, ESCALATION, 'finite again after 2 tries')]
    system.obeys()
    _, fence, order = system.port.take()
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
            boundary=IMAGE,
            from_node='a',
        ),
    )

    # The frame errs there as well: it is not the node. It is tried as often, and given up.
    system.beats('b', ACTIVE, epoch=2)
    system.beats('a', INACTIVE, pid=101)
    system.port.working('b', 4, state=FrameState.WAITING)
    system.port.take()
    for attempt in (0, 1, 2):
        system.errs('b', 4, attempt=attempt, latest=1)
    assert tiers(system) == [
        ('b', Tier.RETRY_STAGE, 1),
        ('b', Tier.RELOAD_WEIGHTS, IMAGE),
        ('b', Tier.DROP_FRAME, NO_CHECKPOINT),
    ]
    assert system.port.did('kill') == []

    system.coordinator.on_dropped(4, 'finite', 'the recovery node said so')
    system.flows(5)
    system.settles()
    (case,) = system.port.cases
    assert case.tiers == [
        'retry_stage',
        'reload_weights',
        'failover',
        'retry_stage',
        'reload_weights',
        'drop_frame',
    ]
    assert (case.tier, case.attempts) == ('drop_frame', 6)
    assert (case.outcome, case.frames_lost) == (Outcome.FRAME_DROPPED, 1)
    assert (case.node, case.detector, case.stage) == ('a', 'finite', 'neck')


def test_who_takes_over_for_an_error_uses_no_checkpoint_from_behind_it(system) -> None:
    """Boundary 3 was made with what turned out to be wrong; 1 lies in front of it."""
    system.coordinator.policy = Policy.STANDBY_FAILOVER
    system.port.working('a', 4, state=FrameState.WAITING, boundaries=(3, 1, -1))
    system.errs('a', 4, detector=WEIGHTS, latest=1)
    system.obeys()
    ((node, order),) = system.port.orders
    assert (node, order.tier, order.boundary) == ('b', Tier.FAILOVER, 1)


def test_without_a_standby_the_frame_is_dropped_where_another_would_take_it_over(
    make_ready,
) -> None:
    system = make_ready('a')
    for attempt in (0, 1, 2):
        system.errs('a', 4, attempt=attempt)
    assert [tier for _, tier, _ in tiers(system)] == [
        Tier.RETRY_STAGE,
        Tier.RELOAD_WEIGHTS,
        Tier.DROP_FRAME,
    ]
    assert system.port.did('kill') == []


def test_damaged_weights_are_reloaded_at_once_and_the_frame_goes_on_where_it_was(system) -> None:
    system.errs('a', 4, detector=WEIGHTS, latest=1)
    assert tiers(system) == [('a', Tier.RELOAD_WEIGHTS, 1)]


@pytest.mark.parametrize('detector', [NO_CLEAN_WEIGHTS, 'backend_lost'])
def test_what_no_try_can_cure_is_not_tried(system, detector: str) -> None:
    system.port.working('a', 4, state=FrameState.WAITING)
    system.errs('a', 4, detector=detector)
    assert [one[:4] for one in system.port.done] == [('kill', 'a', 100, ESCALATION)]
    system.obeys()
    system.beats('b', ACTIVE, epoch=2)
    system.flows(4)
    system.settles()
    (case,) = system.port.cases
    assert (case.tiers, case.detector, case.outcome) == (
        ['failover'],
        detector,
        Outcome.RECOVERED,
    )


def test_each_frame_begins_at_the_foot_of_the_ladder(system) -> None:
    for attempt in (0, 1):
        system.errs('a', 4, attempt=attempt)
    system.port.take()
    system.errs('a', 5, latest=1)
    assert tiers(system) == [('a', Tier.RETRY_STAGE, 1)]
    assert system.coordinator.cases.find(5) is not system.coordinator.cases.find(4)


@pytest.mark.parametrize(('late_ns', 'dropped'), [(0, False), (BUDGET_NS, True)])
def test_a_frame_that_has_had_its_time_is_dropped_whatever_tier_would_be_next(
    make_ready, clock, late_ns: int, dropped: bool
) -> None:
    system = make_ready(frame_budget_ns=BUDGET_NS)
    system.errs('a', 4)
    system.port.take()
    clock.passes(late_ns)
    system.errs('a', 4, attempt=1)
    ((_, tier, _),) = tiers(system)
    assert (tier is Tier.DROP_FRAME) is dropped


def test_the_budget_counts_from_the_first_error_also_in_the_standby(system, clock) -> None:
    system.port.working('a', 4, state=FrameState.WAITING)
    system.dies('a')
    system.beats('b', ACTIVE, epoch=2)
    system.port.take()
    clock.passes(BUDGET_NS)
    system.errs('b', 4)
    assert tiers(system) == [('b', Tier.DROP_FRAME, NO_CHECKPOINT)]


def test_the_time_a_frame_took_before_its_first_error_is_not_counted(system, clock) -> None:
    seen_ns = clock.monotonic_ns()
    clock.passes(10 * BUDGET_NS)
    system.errs('a', 4, seen_ns=seen_ns)
    ((_, tier, _),) = tiers(system)
    assert tier is Tier.RETRY_STAGE


# A death that follows an error


def test_a_death_after_an_error_of_its_frame_joins_the_case_and_leaves_the_root_cause(
    system,
) -> None:
    note = FaultNote('f1', 'nn.neuron.nan', system.clock.monotonic_ns())
    system.port.working('a', 4, state=FrameState.WAITING, stage=2, fault=note)
    system.coordinator.on_published(4)
    system.errs('a', 4, detector='finite', stage='backbone.0', seen_ns=1_000)
    system.dies('a', 'process_exit', seen_ns=2_000)
    system.beats('b', ACTIVE, epoch=2)
    system.coordinator.on_resumed('b', 4, 0, 3_000, 4_000)
    system.flows(4)
    system.settles()
    (case,) = system.port.cases
    assert (case.node, case.stage, case.detector) == ('a', 'backbone.0', 'finite')
    assert (case.error, case.detected_ns) == ('finite in backbone.0', 1_000)
    assert (case.fault_id, case.recovered_by) == ('f1', 'b')
    assert (case.tiers, case.tier) == (['retry_stage', 'failover'], 'failover')


def test_a_death_in_another_frame_than_the_error_is_a_case_of_its_own(system) -> None:
    system.errs('a', 4)
    system.coordinator.on_detected(4, system.clock.monotonic_ns())
    system.port.working('a', 5)
    system.dies('a', 'stage_deadline')
    case = system.coordinator.cases.find(5)
    assert (case.detector, case.tiers) == ('stage_deadline', ['failover'])


@pytest.mark.parametrize(('after_ns', 'blamed'), [(-1, False), (1, True)])
def test_a_hang_is_blamed_on_a_fault_of_its_own_stage_only(
    system, after_ns: int, blamed: bool
) -> None:
    """The stage that hangs began at 1 on the clock of the marks."""
    system.port.working('a', 4, fault=FaultNote('f1', 'timing.hang', 1 + after_ns))
    system.dies('a', 'stage_deadline')
    assert (system.coordinator.cases.find(4).fault_id == 'f1') is blamed


def test_a_death_between_frames_does_not_join_the_case_of_the_frame_before(system) -> None:
    system.errs('a', 4)
    system.coordinator.on_dropped(4, 'finite', 'enough')
    system.port.idle('a', 4)
    system.dies('a')
    first, second = system.coordinator.cases.find(4), system.port.orders[-1][1]
    assert first.tiers == ['retry_stage']
    assert (second.number, second.has_frame) == (first.number + 1, False)


def test_a_frame_that_kills_one_node_after_the_other_lists_every_failover(make_ready) -> None:
    system = make_ready('a', 'b', 'c')
    system.coordinator.on_published(4)
    for node in ('a', 'b'):
        system.port.working(node, 4)
        system.dies(node)
    assert [node for node, _ in system.port.orders] == ['b', 'c']
    case = system.coordinator.cases.find(4)
    assert (case.node, case.tiers) == ('a', ['failover', 'failover'])


def test_an_ordered_death_that_finds_the_standby_gone_is_a_restart_after_all(system) -> None:
    system.port.working('a', 4, state=FrameState.WAITING)
    system.errs('a', 4, detector='backend_lost')
    system.dies('b')
    system.obeys()
    assert system.coordinator.cases.find(4).tiers == ['failover', 'restart']
    assert system.port.orders == []


# Nobody left


def test_with_no_standby_left_the_node_is_restarted_and_promoted_at_its_next_heartbeat(
    make_ready,
) -> None:
    system = make_ready('a')
    system.coordinator.on_published(4)
    system.port.working('a', 4)
    system.dies('a')
    assert system.port.take() == []
    assert system.coordinator.cases.find(4).tiers == ['restart']
    system.beats('a', UNCONFIGURED, pid=101)
    assert system.port.take() == [('watch', 'a', 101), ('configure', 'a')]
    system.beats('a', INACTIVE, pid=101)
    fence, (_, node, order) = system.port.take()
    assert (fence, node) == (('fence', 2), 'a')
    assert (order.promote, order.tier, order.after) == (True, None, (3,))


# The breaker


BREAKER = BreakerOptions(
    failures=2, shortest_backoff_ns=SECOND, longest_backoff_ns=8 * SECOND, good_frames=3
)


@pytest.fixture
def failing(make_ready):
    """Of ``a``, ``b`` and ``c`` two primaries have died; the breaker opened at the second."""
    system = make_ready('a', 'b', 'c', breaker=BREAKER)
    system.port.working('a', 4)
    system.dies('a')
    system.beats('b', ACTIVE, epoch=2)
    system.flows(4)
    system.port.working('b', 5)
    system.coordinator.on_published(5)
    system.port.take()
    system.dies('b')
    return system


def test_with_the_breaker_open_the_system_is_degraded_and_nobody_is_promoted(
    failing, clock
) -> None:
    assert failing.port.take() == []
    assert failing.coordinator.roster.primary is None
    assert failing.coordinator.cases.find(5).tiers == ['degraded']
    clock.passes(SECOND // 2)
    failing.beats('c', INACTIVE)
    assert failing.port.take() == []


def test_once_the_backoff_is_over_the_next_heartbeat_of_a_standby_promotes_it(
    failing, clock
) -> None:
    clock.passes(SECOND)
    failing.beats('c', INACTIVE)
    assert failing.port.take() == [
        ('fence', 3),
        ('order', 'c', NodeOrder(number=0, promote=True, epoch=3, after=(4,))),
    ]
    failing.beats('c', ACTIVE, epoch=3)
    failing.flows(6)
    failing.settles()
    case = failing.port.cases[-1]
    assert (case.tier, case.outcome, case.frames_lost) == ('degraded', Outcome.FRAME_DROPPED, 1)


def test_while_degraded_nodes_are_still_configured(failing) -> None:
    failing.beats('a', UNCONFIGURED, pid=101)
    assert failing.port.take() == [('watch', 'a', 101), ('configure', 'a')]


def test_a_failure_of_the_try_after_the_backoff_doubles_it(failing, clock) -> None:
    clock.passes(SECOND)
    failing.beats('a', INACTIVE, pid=101)
    failing.beats('a', ACTIVE, epoch=3, pid=101)
    failing.port.take()
    failing.dies('a', pid=101)
    assert failing.port.take() == []
    clock.passes(SECOND)
    failing.beats('c', INACTIVE)
    assert failing.port.take() == []
    clock.passes(SECOND)
    failing.beats('c', INACTIVE)
    assert [node for node, _ in failing.port.orders] == ['c']


def test_enough_good_frames_after_the_try_make_the_system_healthy_again(failing, clock) -> None:
    clock.passes(SECOND)
    failing.beats('c', INACTIVE)
    failing.beats('c', ACTIVE, epoch=3)
    breaker = failing.coordinator.breaker
    failing.flows(6, 7)
    assert breaker.state(clock.now_ns) is BreakerState.HALF_OPEN
    failing.flows(8)
    assert breaker.state(clock.now_ns) is BreakerState.CLOSED


def test_frames_that_no_tier_could_save_are_failures_too(make_ready, clock) -> None:
    system = make_ready('a', breaker=BREAKER)
    for stamp in (4, 5):
        assert system.coordinator.breaker.allows(clock.now_ns)
        system.errs('a', stamp, attempt=2)
        system.flows(stamp + 10)
    assert not system.coordinator.breaker.allows(clock.now_ns)


def test_errors_that_were_recovered_from_are_no_failures(system, clock) -> None:
    for stamp in range(4, 40):
        system.errs('a', stamp)
        system.flows(stamp)
    assert system.coordinator.breaker.state(clock.now_ns) is BreakerState.CLOSED


def test_with_the_breaker_open_an_error_does_not_kill_a_primary_that_lives(failing, clock) -> None:
    clock.passes(SECOND)
    failing.beats('c', INACTIVE)
    failing.beats('c', ACTIVE, epoch=3)
    failing.beats('a', INACTIVE, pid=101)
    failing.port.take()
    failing.errs('c', 6, attempt=2)  # half open: one may be promoted
    assert [one[:2] for one in failing.port.take()] == [('kill', 'c')]
    failing.coordinator.breaker.failure(clock.monotonic_ns())
    failing.errs('c', 7, attempt=2)
    assert tiers(failing) == [('c', Tier.DROP_FRAME, NO_CHECKPOINT)]
    assert failing.coordinator.roster.members['c'].state is Lifecycle.ACTIVE


# The policies for comparison


def test_process_reset_kills_for_any_error_and_promotes_only_the_node_that_died(
    make_ready,
) -> None:
    system = make_ready(policy=Policy.PROCESS_RESET)
    system.coordinator.on_published(4)
    system.port.working('a', 4, state=FrameState.WAITING)
    system.errs('a', 4)
    system.obeys()
    assert system.port.orders == []
    system.beats('b', INACTIVE)
    assert system.port.orders == []
    system.beats('a', INACTIVE, pid=101)
    ((node, order),) = system.port.orders
    assert (node, order.promote) == ('a', True)
    system.beats('a', ACTIVE, epoch=2, pid=101)
    system.flows(5)
    system.settles()
    (case,) = system.port.cases
    assert (case.tiers, case.outcome) == (['restart'], Outcome.FRAME_DROPPED)


def test_process_reset_keeps_the_place_for_the_dead_also_while_degraded(make_ready, clock) -> None:
    system = make_ready(
        policy=Policy.PROCESS_RESET, breaker=BreakerOptions(failures=1, shortest_backoff_ns=SECOND)
    )
    system.port.working('a', 4)
    system.dies('a')
    assert system.coordinator.cases.find(4).tiers == ['degraded']
    clock.passes(SECOND)
    system.beats('b', INACTIVE)
    assert system.port.orders == []
    system.beats('a', INACTIVE, pid=101)
    assert [node for node, _ in system.port.orders] == ['a']


@pytest.mark.parametrize(
    ('policy', 'tier', 'boundary'),
    [
        (Policy.WHOLE_FRAME_RERUN, Tier.RETRY_STAGE, IMAGE),
        (Policy.MODEL_RELOAD, Tier.RELOAD_MODEL, IMAGE),
        (Policy.LADDER, Tier.RETRY_STAGE, 1),
    ],
)
def test_a_policy_can_be_changed_while_the_system_runs(
    system, policy: Policy, tier: Tier, boundary: int
) -> None:
    system.coordinator.policy = policy
    system.errs('a', 4, latest=1)
    assert tiers(system) == [('a', tier, boundary)]


def test_standby_failover_hands_the_frame_over_at_its_first_error(make_ready) -> None:
    system = make_ready(policy=Policy.STANDBY_FAILOVER)
    system.port.working('a', 4, state=FrameState.WAITING)
    system.errs('a', 4)
    system.obeys()
    ((node, order),) = system.port.orders
    assert (node, order.tier, order.has_frame) == ('b', Tier.FAILOVER, True)


def test_a_frame_that_ends_every_node_it_is_given_to_is_left_behind(make_ready) -> None:
    system = make_ready('a', 'b', 'c')
    system.coordinator.on_published(4)
    for number in range(3):
        primary = system.coordinator.roster.primary
        system.port.working(primary.name, 4, boundaries=(1, -1))
        system.dies(primary.name, pid=primary.pid)
        system.beats(primary.name, INACTIVE, pid=500 + number)
    orders = [(order.tier, order.has_frame, order.stamp_ns) for _, order in system.port.orders]
    assert orders[-3:] == [
        (Tier.FAILOVER, True, 4),
        (Tier.FAILOVER, True, 4),
        (Tier.FAILOVER, False, 4),
    ]
    system.flows(5)
    assert system.coordinator.ledger.lost == {'poison_frame': 1}
