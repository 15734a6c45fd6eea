# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from restage.recovery.breaker import SECOND, Breaker, BreakerOptions
from restage.recovery.ports import NodeOrder
from restage.recovery.roles import ADOPTION_NS, RETRY_ORDER_NS, Roles
from restage.recovery.roster import Lifecycle, Member, Roster

UNKNOWN, UNCONFIGURED, INACTIVE, ACTIVE, FINALIZED, ACTIVATING = 0, 1, 2, 3, 4, 13
NEWEST = 77


class Stand:
    """Roles over a roster of ``a`` and ``b``, and the port they give orders to."""

    def __init__(self, port, clock, *, epoch: int = 0, adopt: bool = False) -> None:
        self.clock = clock
        self.port = port
        self.roster = Roster(['a', 'b'])
        self.breaker = Breaker(BreakerOptions(failures=1, shortest_backoff_ns=SECOND))
        self.roles = Roles(
            self.roster, port, self.breaker, epoch=epoch, adopt=adopt, newest=lambda: (NEWEST,)
        )

    def member(self, name: str) -> Member:
        return self.roster.members[name]

    def hears(self, name: str, number: int, epoch: int = 0) -> list[tuple[object, ...]]:
        """What is done at a heartbeat."""
        self.roles.place(self.member(name), number, epoch)
        return self.port.take()


def promotion(name: str, epoch: int) -> list[tuple[object, ...]]:
    order = NodeOrder(number=0, promote=True, epoch=epoch, after=(NEWEST,))
    return [('fence', epoch), ('order', name, order)]


@pytest.fixture
def port(make_system):
    return make_system().port


@pytest.fixture
def stand(port, clock) -> Stand:
    return Stand(port, clock)


def test_the_first_node_that_is_ready_is_promoted_after_the_newest_output(stand) -> None:
    assert stand.hears('a', INACTIVE) == promotion('a', 1)
    assert stand.roster.primary is stand.member('a')


def test_the_second_is_not(stand) -> None:
    stand.hears('a', INACTIVE)
    assert stand.hears('b', INACTIVE) == []
    assert stand.roster.standby() is stand.member('b')


def test_until_its_order_has_got_through_a_node_that_is_not_active_yet_stays_primary(
    stand,
) -> None:
    stand.hears('a', INACTIVE)
    for number in (INACTIVE, UNCONFIGURED, ACTIVATING):
        assert stand.hears('a', number) == []
    assert stand.roster.primary is stand.member('a')
    assert stand.hears('a', ACTIVE, 1) == []
    assert (stand.member('a').epoch, stand.member('a').busy_until_ns) == (1, 0)


def test_an_order_that_has_not_got_through_in_time_is_given_again_with_a_new_epoch(
    stand, clock
) -> None:
    stand.hears('a', INACTIVE)
    clock.passes(RETRY_ORDER_NS)
    assert stand.hears('a', INACTIVE) == promotion('a', 2)


def test_a_primary_that_is_no_longer_active_is_replaced_by_whoever_is_heard_next(stand) -> None:
    stand.hears('a', INACTIVE)
    stand.hears('a', ACTIVE, 1)
    stand.hears('b', INACTIVE)
    assert stand.hears('a', UNCONFIGURED) == [('configure', 'a')]
    assert stand.roster.primary is None
    assert stand.hears('b', INACTIVE) == promotion('b', 2)


@pytest.mark.parametrize('number', [FINALIZED, ACTIVATING, 99])
def test_a_node_in_another_state_gets_no_order(stand, number: int) -> None:
    assert stand.hears('a', number) == []
    assert stand.member('a').state is Lifecycle.ABSENT


def test_a_primary_that_is_shut_down_is_replaced_at_once(stand) -> None:
    stand.hears('a', INACTIVE)
    stand.hears('b', INACTIVE)
    # Also while the order to be primary is under way.
    assert stand.hears('a', FINALIZED) == []
    assert stand.roster.primary is None
    assert stand.port.said == ['a was shut down: it is not counted on any more']
    assert stand.hears('a', FINALIZED) == []
    assert len(stand.port.said) == 1
    assert stand.hears('b', INACTIVE) == promotion('b', 2)


def test_a_standby_that_is_shut_down_is_not_counted_on(stand) -> None:
    stand.hears('a', INACTIVE)
    stand.hears('a', ACTIVE, 1)
    stand.hears('b', INACTIVE)
    stand.hears('b', FINALIZED)
    assert stand.roster.standby() is None
    assert stand.member('a') is stand.roster.primary


def test_a_node_in_an_unknown_state_is_not_counted_on(stand) -> None:
    stand.hears('b', INACTIVE)
    stand.hears('a', INACTIVE)
    assert stand.hears('a', UNKNOWN) == []
    assert stand.roster.standby() is None


def test_configure_is_ordered_once_and_again_after_a_while(stand, clock) -> None:
    assert stand.hears('a', UNCONFIGURED) == [('configure', 'a')]
    assert stand.hears('a', UNCONFIGURED) == []
    clock.passes(RETRY_ORDER_NS)
    assert stand.hears('a', UNCONFIGURED) == [('configure', 'a')]


def test_a_node_that_has_done_what_was_ordered_gets_its_next_order_at_once(stand) -> None:
    stand.hears('a', UNCONFIGURED)
    assert stand.hears('a', INACTIVE) == promotion('a', 1)


# Who may be promoted


def test_a_reserved_place_is_for_its_node_only_and_for_one_promotion(stand) -> None:
    stand.roles.reserved = 'b'
    assert stand.hears('a', INACTIVE) == []
    assert stand.hears('b', INACTIVE) == promotion('b', 1)
    assert stand.roles.reserved == ''


def test_a_promotion_that_was_decided_elsewhere_ends_the_reservation_too(stand) -> None:
    stand.roles.reserved = 'b'
    stand.hears('a', INACTIVE)
    stand.roles.promote(stand.member('a'), NodeOrder(number=4, epoch=stand.roles.next_epoch()))
    assert stand.roles.reserved == ''


def test_with_the_breaker_open_nobody_is_promoted_until_its_backoff_is_over(stand, clock) -> None:
    stand.breaker.failure(clock.now_ns)
    assert stand.hears('a', INACTIVE) == []
    assert stand.hears('b', UNCONFIGURED) == [('configure', 'b')]
    clock.passes(SECOND)
    assert stand.hears('a', INACTIVE) == promotion('a', 1)


def test_an_open_breaker_does_not_keep_a_primary_from_being_known(stand, clock) -> None:
    stand.hears('a', INACTIVE)
    stand.breaker.failure(clock.now_ns)
    stand.hears('a', ACTIVE, 1)
    assert stand.roster.primary is stand.member('a')


# Adoption


def test_in_a_store_with_a_primary_nobody_is_promoted_before_it_could_have_been_heard(
    port, clock
) -> None:
    stand = Stand(port, clock, epoch=5, adopt=True)
    assert stand.hears('b', INACTIVE) == []
    clock.passes(ADOPTION_NS)
    assert stand.hears('b', INACTIVE) == promotion('b', 6)


def test_the_primary_that_is_heard_is_adopted_with_its_epoch(port, clock) -> None:
    stand = Stand(port, clock, epoch=5, adopt=True)
    assert stand.hears('a', ACTIVE, 5) == []
    clock.passes(ADOPTION_NS)
    assert stand.hears('b', INACTIVE) == []
    assert (stand.roster.primary, stand.member('a').epoch) == (stand.member('a'), 5)
    assert stand.roles.next_epoch() == 6


def test_in_a_store_without_a_primary_there_is_nothing_to_wait_for(port, clock) -> None:
    stand = Stand(port, clock, epoch=5, adopt=False)
    assert stand.hears('b', INACTIVE) == promotion('b', 6)


def test_an_active_node_of_an_older_epoch_is_taken_out_of_its_role(port, clock) -> None:
    stand = Stand(port, clock, epoch=5)
    assert stand.hears('a', ACTIVE, 4) == [('deactivate', 'a')]
    assert stand.roster.primary is None
    assert stand.hears('a', INACTIVE) == promotion('a', 6)


def test_a_heartbeat_the_primary_sent_before_its_promotion_does_not_depose_it(stand) -> None:
    stand.hears('a', INACTIVE)
    assert stand.hears('a', ACTIVE, 0) == []
    assert stand.roster.primary is stand.member('a')


def test_whoever_has_the_newest_epoch_is_primary_whoever_gave_it(stand) -> None:
    stand.hears('a', INACTIVE)
    stand.hears('a', ACTIVE, 1)
    stand.hears('b', ACTIVE, 7)
    assert stand.roster.primary is stand.member('b')
    assert stand.roles.next_epoch() == 8
    assert stand.hears('a', ACTIVE, 1) == [('deactivate', 'a')]


# Refusals


def test_a_node_that_refused_is_no_primary_and_gets_the_order_again_when_it_is_heard(
    stand,
) -> None:
    stand.hears('a', INACTIVE)
    stand.roles.refused(stand.member('a'), 'the activate transition failed')
    assert stand.roster.primary is None
    assert stand.port.said == ['a refused its order: the activate transition failed']
    assert stand.hears('a', INACTIVE) == promotion('a', 2)


def test_after_a_refusal_another_node_may_be_the_first_to_be_heard(stand) -> None:
    stand.hears('a', INACTIVE)
    stand.hears('b', INACTIVE)
    stand.roles.refused(stand.member('a'), 'no')
    assert stand.hears('b', INACTIVE) == promotion('b', 2)
    assert stand.hears('a', INACTIVE) == []


def test_a_late_refusal_does_not_touch_the_primary_there_is_now(stand) -> None:
    stand.hears('a', INACTIVE)
    stand.hears('a', ACTIVE, 1)
    stand.hears('b', INACTIVE)
    stand.roles.refused(stand.member('b'), 'late')
    assert stand.roster.primary is stand.member('a')
    assert stand.roster.standby() is stand.member('b')


def test_epochs_are_never_given_twice(stand) -> None:
    epochs = [stand.roles.next_epoch() for _ in range(20)]
    assert len(set(epochs)) == 20
    assert epochs == sorted(epochs)
