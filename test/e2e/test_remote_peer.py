# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The primary is on another host: no shared memory, no pidfd, only DDS tells of its death."""

from __future__ import annotations

import contextlib
import itertools
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from restage_msgs.msg import Heartbeat, RecoveryEvent
from restage_msgs.srv import GetReport

from restage.camera.frame_log import read_frame_log
from restage.checkpoint.control import Control
from restage.harness.domain import own_domain
from restage.harness.environment import node_environment
from restage.harness.observer import Observer, observing
from restage.harness.running_system import RunningSystem
from restage.nodes.stamps import to_ns
from restage.system import SystemOptions, describe_system

from .live import PATIENT_DETECTOR, PATIENT_RECOVERY
from .netns import TEST_S, Hosts, RemoteNode, run_here, two_hosts, why_not

# The process on the other side ends before this one: its output is what says why.
pytestmark = [pytest.mark.e2e, pytest.mark.timeout(TEST_S + 30)]

# Far beyond what any step takes: these tests assert what happens, not how fast.
PATIENCE_S = 60.0
# No stage counts as hung here, however busy the machine is.
NEVER_MS = 60_000.0
PRIMARY, STANDBY = Heartbeat.ROLE_PRIMARY, Heartbeat.ROLE_STANDBY


@dataclass
class Spread:
    """Recovery node, camera, standby and observer on one host; the primary on another."""

    hosts: Hosts
    system: RunningSystem
    observer: Observer
    remote: str
    local: str
    frame_log: Path
    # What was before does not count.
    since_ns: int = 0
    epoch: int = 0
    recoveries: int = 0
    lost: Counter[str] = field(default_factory=Counter)

    def begin(self) -> None:
        """Count from now on, when both nodes are well and what was lost has been counted."""
        self.until_role(self.remote, PRIMARY)
        self.until_role(self.local, STANDBY)
        self.until_more(30)
        self.since_ns = max(self.out())
        self.epoch = self.beat(self.remote).epoch
        self.recoveries = len(self.observer.seen.recoveries)
        self.lost = Counter()
        self.lost = self.newly_lost()

    def until(self, condition: Callable[[], Any], what: str) -> None:
        """Wait for ``condition``, looked at now and then."""
        end = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < end, f'never happened: {what}\n{self.said()}'
            time.sleep(0.05)

    def said(self) -> str:
        """Return the last words of every node."""
        nodes = self.system.nodes.items()
        return '\n'.join(f'--- {name}\n{node.text()[-1500:]}' for name, node in nodes)

    def beat(self, name: str) -> Heartbeat:
        """Return the newest heartbeat of ``name``."""
        return self.observer.seen.heartbeats.get(name, Heartbeat())

    def until_role(self, name: str, role: int) -> None:
        """Wait until the process of ``name`` that runs now says that it has ``role``."""
        pid = self.system.nodes[name].pid
        self.until(
            lambda: (self.beat(name).pid, self.beat(name).role) == (pid, role),
            f'{name} takes role {role}',
        )

    def recovery(self, number: int) -> RecoveryEvent:
        """Return the recovery with ``number``, the first being 1, waiting for it."""
        seen, index = self.observer.seen, self.recoveries + number - 1
        self.until(lambda: len(seen.recoveries) > index, f'recovery {number}')
        return seen.recoveries[index]

    def out(self) -> list[int]:
        """Return the stamps of all detections received, in order of receipt."""
        stamps = [stamp for stamp, _, _ in list(self.observer.seen.detections)]
        return [stamp for stamp in stamps if stamp > self.since_ns]

    def published(self) -> list[int]:
        """Return the stamps of all frames published."""
        stamps = [record.stamp_ns for record in read_frame_log(self.frame_log)]
        return [stamp for stamp in stamps if stamp > self.since_ns]

    def until_more(self, count: int) -> None:
        """Wait for ``count`` more detections."""
        have = len(self.out())
        self.until(lambda: len(self.out()) >= have + count, f'{count} more detections')

    def report(self) -> GetReport.Response:
        """Ask the recovery node for its accounts."""
        client = self.observer.node.create_client(GetReport, 'recovery/get_report')
        assert client.wait_for_service(PATIENCE_S)
        future = client.call_async(GetReport.Request())
        self.until(future.done, 'the recovery node reports')
        return future.result()

    def missing(self) -> list[int]:
        """Return the frames that have not come out though later ones have."""
        out = self.out()
        come = set(out)
        return [s for s in self.published() if out[0] <= s <= max(out) and s not in come]

    def newly_lost(self) -> Counter[str]:
        """Return how many frames the recovery node counts as lost, by reason."""
        report = self.report()
        counts = dict(zip(report.loss_reasons, report.loss_counts, strict=True))
        return Counter(counts) - self.lost

    def until_all_counted(self) -> None:
        """Wait until the recovery node knows of as many lost frames as are missing, and why."""
        self.until(
            lambda: self.newly_lost().total() == len(self.missing()),
            f'{len(self.missing())} frames counted as lost',
        )
        # Nobody works on a frame that falls out of a standby's queue: it was not received there.
        assert set(self.newly_lost()) <= {'not_received', 'queue_full'}


def assert_once_in_order(stamps: list[int]) -> None:
    assert all(one < next_one for one, next_one in itertools.pairwise(stamps))


@contextlib.contextmanager
def spread_over(hosts: Hosts, folder: Path, *, shares_memory: bool = False) -> Iterator[Spread]:
    """Run a system whose primary is ``there``, until some detections have come from it."""
    log = folder / 'frames.jsonl'
    options = SystemOptions(
        frame_log=str(log), stage_deadline_ms=NEVER_MS, stage_deadline_floor_ms=NEVER_MS
    )
    recovery, remote, local, camera = describe_system(options)
    recovery = replace(recovery, parameters={**recovery.parameters, **PATIENT_RECOVERY})
    remote, local = (
        replace(node, parameters={**node.parameters, **PATIENT_DETECTOR})
        for node in (remote, local)
    )
    remote = replace(remote, respawn=False)
    with contextlib.ExitStack() as stack:
        domain = stack.enter_context(own_domain())
        observer = stack.enter_context(observing(domain))
        system = RunningSystem([recovery], domain=domain, log_folder=folder / 'log')
        stack.enter_context(system)
        system.nodes[remote.name] = RemoteNode(
            hosts.there,
            remote,
            node_environment(domain, folder / 'log' / 'ros'),
            folder / 'log' / 'remote.log',
            shares_memory=shares_memory,
        )
        spread = Spread(hosts, system, observer, remote.name, local.name, log)
        # Who is ready first becomes primary.
        spread.until_role(remote.name, PRIMARY)
        system.start(local)
        spread.until_role(local.name, STANDBY)
        system.start(camera)
        spread.begin()
        yield spread


@pytest.fixture
def hosts() -> Iterator[Hosts]:
    """Two hosts with a cable between them."""
    reason = why_not()
    if reason:
        pytest.skip(reason)
    with two_hosts() as made:
        yield made


def assert_led_from_here(spread: Spread) -> None:
    """Assert that the remote node is the primary because the recovery node said so."""
    remote, local = spread.beat(spread.remote), spread.beat(spread.local)
    assert remote.host != local.host
    assert (remote.role, remote.epoch) == (PRIMARY, 1)
    assert (local.role, local.epoch) == (STANDBY, 0)
    assert spread.observer.seen.recoveries == []


def assert_lost_by_liveliness(spread: Spread, since_ns: int) -> RecoveryEvent:
    """Assert that the local standby has replaced the silent remote primary; return the event."""
    starts = spread.system.nodes[spread.local].starts
    event = spread.recovery(1)
    assert (event.node, event.tier, event.tiers) == (spread.remote, 'failover', ['failover'])
    assert (event.detector, event.error) == ('liveliness', 'its host is silent')
    assert event.outcome == RecoveryEvent.RECOVERED
    assert since_ns < event.detected_ns < event.decided_ns < event.first_good_output_ns
    spread.until_role(spread.local, PRIMARY)
    assert spread.beat(spread.local).epoch == spread.epoch + 1
    # What is silent on this host is left to those who watch its process.
    assert spread.system.nodes[spread.local].starts == starts
    return event


@run_here
def test_a_primary_that_is_cut_off_or_killed_is_replaced_and_returns_as_standby(
    hosts: Hosts, tmp_path: Path
) -> None:
    with spread_over(hosts, tmp_path) as spread:
        assert_led_from_here(spread)
        said = spread.system.nodes[spread.remote].text()
        assert 'keeping checkpoints in this process only' in said
        for unplugged_s in (0.0, 5.0):  # the second time for longer than its lease
            assert_cut_off_is_replaced(spread, unplugged_s)
            assert_takes_over_again(spread)
            spread.begin()
        assert_killed_is_replaced(spread)


def assert_cut_off_is_replaced(spread: Spread, unplugged_s: float) -> None:
    """Cut the remote primary off; assert that it is standby when it is back."""
    since_ns = time.monotonic_ns()
    spread.hosts.cut()
    event = assert_lost_by_liveliness(spread, since_ns)
    spread.until_more(20)
    time.sleep(unplugged_s)
    assert_once_in_order(spread.out())
    spread.until_all_counted()
    spread.hosts.plug()
    # It never died and does not know better: until it is told, both work.
    spread.until_role(spread.remote, STANDBY)
    alone = max(spread.published())
    assert spread.system.nodes[spread.remote].ended() is None
    spread.until_more(60)
    out = spread.out()
    # Once and in order, but for what the old primary still had or got before it was told.
    assert_once_in_order([stamp for stamp in out if stamp <= to_ns(event.frame)])
    assert_once_in_order([stamp for stamp in out if stamp > alone])
    assert max(Counter(out).values()) <= 2
    assert spread.beat(spread.local).role == PRIMARY
    assert spread.beat(spread.local).epoch == spread.epoch + 1
    assert len(spread.observer.seen.recoveries) == spread.recoveries + 1


def assert_killed_is_replaced(spread: Spread) -> None:
    """Kill the remote primary and start it again; assert that it is standby then."""
    since_ns = time.monotonic_ns()
    spread.system.kill(spread.remote)
    assert_lost_by_liveliness(spread, since_ns)
    spread.until_more(30)
    assert_once_in_order(spread.out())
    spread.until_all_counted()
    spread.system.nodes[spread.remote].restart()
    spread.until_role(spread.remote, STANDBY)
    spread.until_more(10)
    assert_once_in_order(spread.out())
    assert len(spread.observer.seen.recoveries) == spread.recoveries + 1


def assert_takes_over_again(spread: Spread) -> None:
    """Assert that the remote node, standby now, replaces the local primary when that dies."""
    spread.system.kill(spread.local)
    event = spread.recovery(2)
    assert (event.node, event.tier, event.detector) == (spread.local, 'failover', 'process_exit')
    # It has no checkpoint of a frame in flight, and its image only if that is not too old.
    assert event.outcome in (RecoveryEvent.RECOVERED, RecoveryEvent.FRAME_DROPPED)
    assert event.resumed_from in (-1, -2)
    spread.until_role(spread.remote, PRIMARY)
    assert spread.beat(spread.remote).epoch == spread.epoch + 2
    since = max(spread.published())
    spread.until_more(30)
    assert_once_in_order([stamp for stamp in spread.out() if stamp > since])
    spread.until_role(spread.local, STANDBY)


@run_here
def test_a_primary_on_another_host_that_ends_in_good_order_is_replaced_as_well(
    hosts: Hosts, tmp_path: Path
) -> None:
    # In a container, say, that sees this host's memory but has no part in it.
    with spread_over(hosts, tmp_path, shares_memory=True) as spread:
        assert_led_from_here(spread)
        store = Path(f'/dev/shm/restage-0-{spread.system.domain}-_')
        assert f"'{store}' is another host's" in spread.system.nodes[spread.remote].text()
        since_ns = time.monotonic_ns()
        spread.system.kill(spread.remote, signal.SIGINT)
        assert_lost_by_liveliness(spread, since_ns)
        spread.until_more(10)
        assert_once_in_order(spread.out())
        spread.until_all_counted()
        # The last process of its host is not the last one that uses the store.
        assert spread.system.nodes[spread.remote].ended() == 0
        assert Control(store).epoch == 2
