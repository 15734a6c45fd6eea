# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Somebody else changes the lifecycle state of a node: an operator, or a lifecycle manager."""

from __future__ import annotations

import pytest
from diagnostic_msgs.msg import DiagnosticStatus
from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState
from restage_msgs.msg import Heartbeat

from .live import PATIENCE_S, RESPAWN_S, Live

pytestmark = pytest.mark.e2e


def change(live: Live, node: str, transition: int) -> None:
    """Have ``node`` make the transition."""
    observer = live.session.observer
    client = observer.node.create_client(ChangeState, f'{node}/change_state')
    try:
        assert client.wait_for_service(PATIENCE_S)
        request = ChangeState.Request(transition=Transition(id=transition))
        future = client.call_async(request)
        assert observer.wait_for(lambda _: future.done(), PATIENCE_S)
        assert future.result().success
    finally:
        observer.node.destroy_client(client)


def test_an_inactive_recovery_node_gives_no_orders_and_leads_again_when_it_is_active(live) -> None:
    first, epoch, dead = live.stamps_out()[0], live.epoch(), live.primary()
    processes = {name: node.pid for name, node in live.session.system.nodes.items()}
    change(live, 'recovery', Transition.TRANSITION_DEACTIVATE)
    text = 'inactive: errors are not recovered from'
    live.wait_for_diagnosis('recovery: status', DiagnosticStatus.WARN, text)
    live.injection.inject('nn.neuron.nan', 'neck')  # retried by the node itself
    live.wait_for_more(30)
    assert live.session.observer.seen.recoveries == []
    assert {name: node.pid for name, node in live.session.system.nodes.items()} == processes
    live.assert_undisturbed(first)
    # A death is nobody's business meanwhile, and found out afterwards.
    heir = live.standby()
    # Whose detections are on their way may come out twice: nobody listens (docs/recovery.md).
    live.stop_between_frames(dead)
    lost = live.session.system.kill(dead)
    node = live.session.system.nodes[dead]
    assert live.session.observer.wait_for(
        lambda _: node.pid != lost and live.beat(dead).pid == node.pid, RESPAWN_S
    ), f'{dead} is not started again'
    assert live.with_role(Heartbeat.ROLE_PRIMARY) == []
    change(live, 'recovery', Transition.TRANSITION_ACTIVATE)
    live.wait_for_primary(heir)
    event = live.recovered_in(dead, 0)
    assert (event.tier, event.detector) == ('failover', 'process_exit')
    assert live.epoch() == epoch + 1
    live.wait_for_standby(dead, instead_of=lost)
    live.assert_once_in_order()


def test_a_primary_that_is_shut_down_is_replaced(live) -> None:
    epoch, gone, heir = live.epoch(), live.primary(), live.standby()
    change(live, gone, Transition.TRANSITION_ACTIVE_SHUTDOWN)
    live.wait_for_primary(heir)
    assert live.epoch() == epoch + 1
    live.wait_for_more(10)
    # Its process lives on, and is of no use any more, until somebody ends it.
    pid = live.session.system.kill(gone)
    live.wait_for_standby(gone, instead_of=pid)
    live.assert_once_in_order()
