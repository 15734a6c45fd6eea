# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A node that was replaced never publishes late, even where nobody could kill it.

The test plays the recovery node, because a real one kills a hung process before it replaces it.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState
from restage_msgs.msg import FaultEvent, Heartbeat, StageStatus
from restage_msgs.srv import CommandRecovery

from restage.checkpoint.boundaries import valid_boundaries
from restage.checkpoint.control import Control
from restage.checkpoint.folder import open_or_create, sign_off, store_folder
from restage.checkpoint.nodefile import NodeFile
from restage.checkpoint.progress import ProgressMarks
from restage.harness.domain import own_domain
from restage.harness.inject import Injection
from restage.harness.observer import observing
from restage.harness.running_system import RunningSystem
from restage.harness.session import Session
from restage.nodes.stamps import from_ns, to_ns
from restage.system import SystemOptions, describe_system

from .live import SEED, Live

pytestmark = pytest.mark.e2e

PATIENCE_S = 60.0
OLD, NEW = 'detection_a', 'detection_b'
Request = CommandRecovery.Request


@dataclass
class ByHand:
    """Two detection nodes, and a store that this test owns."""

    live: Live
    control: Control
    store: Path

    def call(self, kind: type, name: str, request: Any) -> Any:
        observer = self.live.session.observer
        client = observer.node.create_client(kind, name)
        assert client.wait_for_service(PATIENCE_S)
        future = client.call_async(request)
        assert observer.wait_for(lambda _: future.done(), PATIENCE_S)
        return future.result()

    def change(self, node: str, transition: int) -> None:
        request = ChangeState.Request()
        request.transition.id = transition
        assert self.call(ChangeState, f'{node}/change_state', request).success

    def promote(self, node: str, epoch: int, **order: Any) -> None:
        self.control.epoch = epoch  # the fence comes first
        answer = self.call(CommandRecovery, f'{node}/recover', Request(epoch=epoch, **order))
        assert answer.accepted, answer.message

    def wait_for_role(self, node: str, role: int) -> None:
        assert self.live.session.observer.wait_for(
            lambda seen: node in seen.heartbeats and seen.heartbeats[node].role == role, PATIENCE_S
        ), f'{node} never had role {role}'


@pytest.fixture
def by_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ByHand]:
    log = tmp_path / 'frames.jsonl'
    options = SystemOptions(seed=SEED, frame_log=str(log), allow_fault_injection=True, rate_hz=10.0)
    *specs, camera = describe_system(options)
    with own_domain() as domain, observing(domain) as observer:
        monkeypatch.setenv('ROS_DOMAIN_ID', str(domain))
        store = store_folder('')
        control = open_or_create(store, [OLD, NEW], 32 * 1024 * 1024)
        nodes = [spec for spec in specs if spec.name != 'recovery']
        try:
            with RunningSystem(nodes, domain=domain, log_folder=tmp_path / 'log') as system:
                live = Live(Session(system, observer, [camera]), Injection(observer), log)
                yield ByHand(live, control, store)
        finally:
            sign_off(store)


def test_a_primary_that_was_replaced_while_it_was_stopped_never_publishes_late(
    by_hand: ByHand, until: Callable[[Callable[[], bool], str], None]
) -> None:
    live = by_hand.live
    for node in (OLD, NEW):
        by_hand.wait_for_role(node, Heartbeat.ROLE_NONE)
        by_hand.change(node, Transition.TRANSITION_CONFIGURE)
        by_hand.wait_for_role(node, Heartbeat.ROLE_STANDBY)
    by_hand.promote(OLD, 1, tier=Request.PROMOTE)
    live.session.start_camera()
    live.wait_for_more(10)

    # Its last stage is through when it goes on: nothing is left to do but to publish.
    fault = live.injection.inject('timing.stop', 'decode')
    pid = live.session.system.nodes[OLD].pid
    stat = Path(f'/proc/{pid}/stat')
    until(lambda: stat.read_text().rpartition(')')[2].split()[0] == 'T', 'the process stops')
    file = NodeFile(by_hand.store / OLD)
    progress = ProgressMarks(file).read()
    frame = next(
        to_ns(event.frame)
        for event in live.session.observer.seen.faults
        if (event.id, event.state) == (fault, FaultEvent.FIRED)
    )
    assert progress.in_flight
    assert progress.stamp_ns == frame
    by_hand.promote(
        NEW,
        2,
        tier=Request.FAILOVER,
        frame=from_ns(frame),
        after=[from_ns(frame)],
        has_frame=True,
        boundary=max(valid_boundaries(file, file.plan(), frame)),
        from_node=OLD,
    )
    resumed = live.wait_for_status(node=NEW, state=StageStatus.RESUMED, stamp_ns=frame)
    assert (resumed.epoch, resumed.checkpoint) == (2, 4)
    live.wait_for_more(3)  # no more: after its lease of 3 s DDS would have forgotten who is stopped

    live.session.system.kill(OLD, signal.SIGCONT)
    late = live.wait_for_status(node=OLD, state=StageStatus.DROPPED, stamp_ns=frame)
    assert (late.detector, late.epoch) == ('fenced', 1)
    live.wait_for_more(10)
    by_hand.change(OLD, Transition.TRANSITION_DEACTIVATE)
    by_hand.wait_for_role(OLD, Heartbeat.ROLE_STANDBY)
    live.wait_for_more(5)
    out = live.stamps_out()
    assert live.beat(OLD).frames_out == sum(stamp < frame for stamp in out)
    # Whatever else it had received was dropped for the same reason.
    statuses = list(live.session.observer.seen.statuses)
    dropped = [s for s in statuses if s.node == OLD and s.state == StageStatus.DROPPED]
    assert {status.detector for status in dropped} == {'fenced'}
    assert out.count(frame) == 1
    live.assert_all_out_once_in_order(out[0], out[-1])
    live.assert_bit_identical(out[0], out[-1])
    assert live.session.system.exits == []
