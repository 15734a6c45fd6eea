# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Detection does not depend on the recovery node."""

from __future__ import annotations

import signal
from dataclasses import replace
from pathlib import Path

import pytest
from restage_msgs.msg import FaultEvent, Heartbeat, StageStatus

from restage.harness.inject import Injection
from restage.harness.session import session
from restage.system import SystemOptions

from .live import GENEROUS, PATIENCE_S, PATIENT_DETECTOR, PATIENT_RECOVERY

pytestmark = pytest.mark.e2e


def let_respawn(live, name: str, *, allowed: bool) -> None:
    """Have a node that dies come back, or stay away until this is called again."""
    node = live.session.system.nodes[name]
    node.spec = replace(node.spec, respawn=allowed)


def kill_recovery(live, until) -> None:
    """Kill the recovery node; it does not come back before it is let."""
    let_respawn(live, 'recovery', allowed=False)
    node = live.session.system.nodes['recovery']
    live.session.system.kill('recovery')
    until(lambda: node.ended() is not None, 'the recovery node ends')


def test_detection_goes_on_when_the_recovery_node_is_killed_and_it_is_adopted_again(
    live, until
) -> None:
    observer = live.session.observer
    first, epoch, primary = live.stamps_out()[0], live.epoch(), live.primary()
    kill_recovery(live, until)
    live.wait_for_more(30)
    # Nobody orders a retry now: after its deadline the node retries once by itself.
    fault = live.injection.inject('nn.neuron.nan', 'neck')
    live.wait_for_status(node=primary, state=StageStatus.RESUMED)
    assert any(e.id == fault and e.state == FaultEvent.FIRED for e in observer.seen.faults)
    assert observer.seen.recoveries == []
    live.wait_for_more(10)
    # The new recovery node finds the system as it is, and leads it through a failover.
    let_respawn(live, 'recovery', allowed=True)
    live.wait_for_adoption()
    assert (live.primary(), live.epoch()) == (primary, epoch)
    event = live.injection.recovery_of(live.injection.inject('proc.kill', 'backbone.3'))
    assert (event.tier, event.frames_lost) == ('failover', 0)
    live.assert_undisturbed(first)
    assert live.epoch() == epoch + 1


def test_a_primary_that_dies_while_there_is_no_recovery_node_is_replaced_afterwards(
    live, until
) -> None:
    first, epoch = live.stamps_out()[0], live.epoch()
    dead, heir = live.primary(), live.standby()
    pid = live.beat(dead).pid
    kill_recovery(live, until)
    live.injection.inject('proc.kill', 'backbone.2')
    until(lambda: (dead, -9) in live.session.system.exits, 'the primary dies')
    let_respawn(live, 'recovery', allowed=True)
    live.wait_for_primary(heir)
    assert live.epoch() == epoch + 1
    # The standby has kept every image, and works off those that were never dealt with.
    live.assert_undisturbed(first)
    live.wait_for_standby(dead, instead_of=pid)
    assert live.primary() == heir


@pytest.mark.parametrize('role', ['primary', 'standby'])
def test_a_node_that_hangs_while_there_is_no_recovery_node_is_replaced_afterwards(
    live, until, role: str
) -> None:
    first, epoch, primary = live.stamps_out()[0], live.epoch(), live.primary()
    hung = primary if role == 'primary' else live.standby()
    kill_recovery(live, until)
    pid = live.beat(hung).pid
    if role == 'primary':
        live.injection.inject('timing.stop', 'neck')
    else:
        live.session.system.kill(hung, signal.SIGSTOP)
    let_respawn(live, 'recovery', allowed=True)
    # Nothing is heard of it: the store tells that it lives, and what it promised.
    live.wait_for_standby(hung, instead_of=pid)
    assert (hung, -signal.SIGKILL) in live.session.system.exits
    assert (live.primary() == primary) == (role == 'standby')
    assert live.epoch() == epoch + (role == 'primary')
    live.assert_undisturbed(first)


def test_a_system_started_without_a_recovery_node_detects_and_retries(tmp_path: Path) -> None:
    options = SystemOptions(
        with_recovery=False,
        allow_fault_injection=True,
        frame_log=str(tmp_path / 'frames.jsonl'),
        **GENEROUS,
    )
    with session(options, tmp_path / 'log', {'detection_a': PATIENT_DETECTOR}) as running:
        running.start_camera()
        observer = running.observer
        assert observer.wait_for(lambda seen: len(seen.detections) >= 10, PATIENCE_S)
        Injection(observer).inject('nn.stage.exception', 'neck')
        assert observer.wait_for(
            lambda seen: any(s.state == StageStatus.RESUMED for s in seen.statuses), PATIENCE_S
        )
        count = len(observer.seen.detections)
        assert observer.wait_for(lambda seen: len(seen.detections) >= count + 10, PATIENCE_S)
        (beat,) = observer.seen.heartbeats.values()
        assert beat.role == Heartbeat.ROLE_PRIMARY
        assert beat.frames_dropped == 0


def test_fault_commands_are_rejected_unless_injection_is_allowed(tmp_path: Path) -> None:
    from restage_msgs.msg import FaultCommand

    from restage.nodes.qos import EVENTS

    patient = {'detection_a': PATIENT_DETECTOR, 'detection_b': PATIENT_DETECTOR}
    patient['recovery'] = PATIENT_RECOVERY
    with session(SystemOptions(**GENEROUS), tmp_path / 'log', patient) as running:
        publisher = running.observer.node.create_publisher(FaultCommand, 'fault_commands', EVENTS)
        command = FaultCommand(id='x', kind='proc.kill', target='primary', probability=1.0)

        def rejected(seen) -> bool:
            publisher.publish(command)
            return any(e.id == 'x' and e.state == FaultEvent.REJECTED for e in seen.faults)

        assert running.observer.wait_for(rejected, PATIENCE_S)
        detail = next(e.detail for e in running.observer.seen.faults if e.id == 'x')
        assert 'allow_fault_injection' in detail
        assert running.system.exits == []
