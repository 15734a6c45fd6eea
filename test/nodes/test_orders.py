# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

pytest.importorskip('rclpy', reason='ROS 2 (rclpy) is not installed')

from builtin_interfaces.msg import Time
from restage_msgs.srv import CommandRecovery

from restage.nodes.orders import Promotion, order_of
from restage.nodes.stamps import from_ns
from restage.nodes.unusable import UnusableMessageError
from restage.stages.commands import Order, Tier
from restage.stages.frame import ResumeJob

Request = CommandRecovery.Request


def test_an_order_in_place_is_for_the_frame_that_waits() -> None:
    request = Request(tier=Request.RELOAD_WEIGHTS, frame=from_ns(5), attempt=3, boundary=2)
    assert order_of(request, 1) == Order(5, Tier.RELOAD_WEIGHTS, 2, 3)


def test_a_failover_hands_a_frame_over_and_a_promotion_does_not() -> None:
    given = {'epoch': 3, 'frame': from_ns(5), 'boundary': 1, 'has_frame': True, 'from_node': 'a_1'}
    after = [from_ns(4), from_ns(3)]
    assert order_of(Request(tier=Request.FAILOVER, after=after, **given), 2) == Promotion(
        epoch=3, after=(4, 3), resume=ResumeJob(stamp_ns=5, from_node='a_1', boundary=1)
    )
    assert order_of(Request(tier=Request.PROMOTE, **given), 2) == Promotion(epoch=3)


@pytest.mark.parametrize(
    ('given', 'said'),
    [
        ({'tier': 6}, 'unknown tier 6; accepted: 0 to 5'),
        ({'after': [Time()]}, 'about 1 cameras, this node has 2'),
        ({'from_node': ''}, "'from_node' is ''; accepted: the name of a node"),
        ({'from_node': '../b'}, "'from_node' is '../b'"),
        ({'frame': Time(sec=-1)}, 'the stamp is of -1 s'),
        ({'after': [Time(), Time(nanosec=2**31)]}, '2147483648 ns; accepted: less than'),
    ],
)
def test_an_order_that_makes_no_sense_is_refused(given: dict, said: str) -> None:
    whole = {'tier': Request.FAILOVER, 'has_frame': True, 'from_node': 'a', **given}
    with pytest.raises(UnusableMessageError, match=said):
        order_of(Request(**whole), 2)
