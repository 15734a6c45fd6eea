# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A dead or hung primary is replaced by the standby in the middle of the frame."""

from __future__ import annotations

import pytest
from restage_msgs.msg import Heartbeat, RecoveryEvent

from restage.nodes.stamps import to_ns

pytestmark = pytest.mark.e2e


def roles(live) -> dict[str, int]:
    beats = live.session.observer.seen.heartbeats
    return {name: message.role for name, message in beats.items()}


def test_sigkill_mid_stage_twice_loses_no_frame_and_the_dead_node_comes_back(live) -> None:
    first = live.stamps_out()[0]
    for stage, dead, heir in (
        ('backbone.3', 'detection_a', 'detection_b'),
        ('backbone.1', 'detection_b', 'detection_a'),
    ):
        if roles(live)[dead] != Heartbeat.ROLE_PRIMARY:  # which node came up first is not fixed
            dead, heir = heir, dead
        pid = live.session.observer.seen.heartbeats[dead].pid
        event = live.injection.recovery_of(live.injection.inject('proc.kill', stage))
        assert (event.tier, event.detector) == ('failover', 'process_exit')
        assert (event.node, event.recovered_by, event.stage) == (dead, heir, stage)
        assert event.outcome == RecoveryEvent.RECOVERED
        assert event.frames_lost == 0
        assert event.resumed_from >= -1
        assert event.injected_ns <= event.detected_ns <= event.decided_ns <= event.restored_ns
        assert event.resumed_ns <= event.first_good_output_ns
        assert live.stamps_out().count(to_ns(event.frame)) == 1
        # The killed node returns as another process, and as the new standby.
        assert live.session.observer.wait_for(
            lambda seen, dead=dead, pid=pid: (
                seen.heartbeats[dead].pid != pid
                and seen.heartbeats[dead].role == Heartbeat.ROLE_STANDBY
                # It receives images: from now on it can take over without a gap.
                and seen.heartbeats[dead].frames_in > 5
            ),
            60.0,
        ), f'{dead} did not come back as standby'
        assert roles(live)[heir] == Heartbeat.ROLE_PRIMARY
    live.wait_for_more(10)
    last = live.stamps_out()[-1]
    live.assert_all_out_once_in_order(first, last)
    live.assert_bit_identical(first, last)


def test_a_hung_stage_is_killed_and_its_frame_finished_by_the_standby(live) -> None:
    first = live.stamps_out()[0]
    dead = next(name for name, role in roles(live).items() if role == Heartbeat.ROLE_PRIMARY)
    pid = live.session.observer.seen.heartbeats[dead].pid
    fault = live.injection.inject('timing.delay', 'neck', delay_ms=60_000.0, mode='sleep')
    event = live.injection.recovery_of(fault)
    assert (event.tier, event.detector, event.node) == ('failover', 'stage_deadline', dead)
    assert event.outcome == RecoveryEvent.RECOVERED
    assert (dead, -9) in live.session.system.exits
    assert live.session.system.nodes[dead].pid != pid
    assert live.stamps_out().count(to_ns(event.frame)) == 1
    out = live.stamps_out()
    assert out == sorted(out)
    missing = [s for s in live.records() if first <= s <= out[-1] and s not in out]
    # While the stage hung, the standby kept the newest frames only; the rest is said to be lost.
    assert len(missing) == event.frames_lost
