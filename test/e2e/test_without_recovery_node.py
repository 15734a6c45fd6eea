# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Detection does not depend on the recovery node."""

from __future__ import annotations

from pathlib import Path

import pytest
from restage_msgs.msg import FaultEvent, Heartbeat, StageStatus

from restage.harness.inject import Injection
from restage.harness.session import session
from restage.system import SystemOptions

pytestmark = pytest.mark.e2e


def test_detection_goes_on_when_the_recovery_node_is_killed_and_it_is_adopted_again(live) -> None:
    observer = live.session.observer
    first = live.stamps_out()[0]
    epoch = max(message.epoch for message in observer.seen.heartbeats.values())
    live.session.system.kill('recovery')
    live.wait_for_more(30)
    # Nobody orders a retry now: after its deadline the node retries once by itself.
    fault = live.injection.inject('nn.neuron.nan', 'neck')
    live.wait_for_more(30)
    assert any(e.id == fault and e.state == FaultEvent.FIRED for e in observer.seen.faults)
    assert any(s.state == StageStatus.RESUMED for s in observer.seen.statuses)
    last = live.stamps_out()[-1]
    live.assert_all_out_once_in_order(first, last)
    # The new recovery node finds the system as it is, and leads it through a failover.
    assert live.session.system.nodes['recovery'].starts == 2
    event = live.injection.recovery_of(live.injection.inject('proc.kill', 'backbone.3'))
    assert event.tier == 'failover'
    live.wait_for_more(10)
    live.assert_all_out_once_in_order(first, live.stamps_out()[-1])
    assert max(message.epoch for message in observer.seen.heartbeats.values()) == epoch + 1


def test_a_system_started_without_a_recovery_node_detects_and_retries(tmp_path: Path) -> None:
    options = SystemOptions(
        with_recovery=False, allow_fault_injection=True, frame_log=str(tmp_path / 'frames.jsonl')
    )
    with session(options, tmp_path / 'log') as running:
        running.start_camera()
        observer = running.observer
        assert observer.wait_for(lambda seen: len(seen.detections) >= 10, 30.0)
        Injection(observer).inject('nn.stage.exception', 'neck')
        assert observer.wait_for(
            lambda seen: any(s.state == StageStatus.RESUMED for s in seen.statuses), 30.0
        )
        count = len(observer.seen.detections)
        assert observer.wait_for(lambda seen: len(seen.detections) >= count + 10, 30.0)
        (beat,) = observer.seen.heartbeats.values()
        assert beat.role == Heartbeat.ROLE_PRIMARY
        assert beat.frames_dropped == 0


def test_fault_commands_are_rejected_unless_injection_is_allowed(tmp_path: Path) -> None:
    from restage_msgs.msg import FaultCommand

    from restage.nodes.qos import EVENTS

    with session(SystemOptions(), tmp_path / 'log') as running:
        publisher = running.observer.node.create_publisher(FaultCommand, 'fault_commands', EVENTS)
        command = FaultCommand(id='x', kind='proc.kill', target='primary', probability=1.0)

        def rejected(seen) -> bool:
            publisher.publish(command)
            return any(e.id == 'x' and e.state == FaultEvent.REJECTED for e in seen.faults)

        assert running.observer.wait_for(rejected, 30.0)
        detail = next(e.detail for e in running.observer.seen.faults if e.id == 'x')
        assert 'allow_fault_injection' in detail
        assert running.system.exits == []
