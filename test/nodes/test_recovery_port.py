# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The recovery node's hands, over clients that only write down what they are asked."""

from __future__ import annotations

import os
import queue
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip('rclpy', reason='ROS 2 (rclpy) is not installed')

from lifecycle_msgs.msg import Transition
from restage_msgs.srv import CommandRecovery

from restage.checkpoint.control import Control
from restage.checkpoint.folder import open_or_create
from restage.checkpoint.nodefile import DATA, NodeFile, Plan
from restage.checkpoint.progress import FaultNote, FrameState, ProgressMarks
from restage.nodes.recovery_options import RecoveryOptions
from restage.nodes.recovery_port import RecoveryPort
from restage.recovery.coordinator import CoordinatorOptions
from restage.recovery.policy import Tier
from restage.recovery.ports import NodeOrder

DEADLINE_S = 60.0
SECOND = 1_000_000_000
STAGES = ('first', 'second')
Request = CommandRecovery.Request


@dataclass
class Future:
    """An answer that comes when the test gives it."""

    answer: Any = None
    done: list[Callable[[Any], None]] = field(default_factory=list)

    def add_done_callback(self, call: Callable[[Any], None]) -> None:
        self.done.append(call)

    def result(self) -> Any:
        return self.answer

    def answered(self, answer: Any) -> None:
        self.answer = answer
        for call in self.done:
            call(self)


@dataclass
class Client:
    """Writes down requests."""

    name: str
    requests: list[Any] = field(default_factory=list)
    futures: list[Future] = field(default_factory=list)
    ready: bool = True

    def service_is_ready(self) -> bool:
        return self.ready

    def call_async(self, request: Any) -> Future:
        self.requests.append(request)
        self.futures.append(Future())
        return self.futures[-1]


class Node:
    """As much of a ROS node as the port needs."""

    def __init__(self) -> None:
        self.clients: dict[str, Client] = {}
        self.said: list[tuple[str, str]] = []

    def create_client(self, _kind: type, name: str) -> Client:
        self.clients[name] = Client(name)
        return self.clients[name]

    def destroy_client(self, client: Client) -> None:
        del self.clients[client.name]

    def get_logger(self) -> Node:
        return self

    def info(self, text: str) -> None:
        self.said.append(('info', text))

    def warning(self, text: str) -> None:
        self.said.append(('warning', text))

    def error(self, text: str) -> None:
        self.said.append(('error', text))


@pytest.fixture
def node() -> Node:
    return Node()


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / 'store'


@pytest.fixture
def port(node: Node, store: Path) -> Iterator[RecoveryPort]:
    control = open_or_create(store, ['a', 'b'], 2 * DATA)
    options = RecoveryOptions(
        detectors=['a', 'b'],
        store_bytes=2 * DATA,
        heartbeat_deadline_ticks=10,
        coordinator=CoordinatorOptions(),
    )
    port = RecoveryPort(
        node, store=store, control=control, options=options, finished=lambda _: None
    )
    port.leads = True
    yield port
    port.close(node)


# Orders


def test_an_order_waits_for_somebody_to_take_it_and_is_sent_once(port, node) -> None:
    client = node.clients['a/recover']
    client.ready = False
    for epoch in (3, 4):
        port.order('a', NodeOrder(number=0, promote=True, epoch=epoch, stamp_ns=1))
        port.flush()
    assert client.requests == []
    client.ready = True
    port.flush()
    port.flush()
    assert [request.epoch for request in client.requests] == [4]


@pytest.mark.parametrize(
    ('tier', 'number'),
    [
        (Tier.RETRY_STAGE, Request.RETRY_STAGE),
        (Tier.RELOAD_WEIGHTS, Request.RELOAD_WEIGHTS),
        (Tier.RELOAD_MODEL, Request.RELOAD_MODEL),
        (Tier.DROP_FRAME, Request.DROP_FRAME),
        (Tier.FAILOVER, Request.FAILOVER),
        (None, Request.PROMOTE),
    ],
)
def test_an_order_reaches_its_node_with_all_it_says(port, node, tier, number: int) -> None:
    order = NodeOrder(
        number=5,
        tier=tier,
        epoch=3,
        stamp_ns=7 * SECOND + 9,
        has_frame=True,
        boundary=-1,
        from_node='b',
    )
    port.order('a', order)
    (request,) = node.clients['a/recover'].requests
    assert (request.tier, request.recovery_id, request.epoch) == (number, 5, 3)
    assert (request.frame.sec, request.frame.nanosec) == (7, 9)
    assert (request.has_frame, request.boundary, request.from_node) == (True, -1, 'b')
    assert node.clients['b/recover'].requests == []


def test_lifecycle_orders_reach_their_node(port, node) -> None:
    port.configure('a')
    port.deactivate('b')
    (configure,) = node.clients['a/change_state'].requests
    (deactivate,) = node.clients['b/change_state'].requests
    assert configure.transition.id == Transition.TRANSITION_CONFIGURE
    assert deactivate.transition.id == Transition.TRANSITION_DEACTIVATE


@pytest.mark.parametrize(
    ('tier', 'refused'),
    [(None, True), (Tier.FAILOVER, True), (Tier.RETRY_STAGE, False), (Tier.RELOAD_MODEL, False)],
)
def test_only_a_promotion_that_is_refused_changes_the_roles(
    port, node, tier: Tier | None, refused: bool
) -> None:
    told: list[tuple[str, str]] = []
    port.on_refused = lambda name, why: told.append((name, why))
    port.order('a', NodeOrder(number=1, tier=tier))
    (future,) = node.clients['a/recover'].futures
    future.answered(CommandRecovery.Response(accepted=False, message='not now'))
    assert told == ([('a', 'not now')] if refused else [])
    if not refused:
        assert node.said == [('warning', 'a did not take an order: not now')]


@pytest.mark.parametrize('answer', [CommandRecovery.Response(accepted=True), None])
def test_an_order_that_is_accepted_or_never_answered_is_no_refusal(port, node, answer) -> None:
    told: list[str] = []
    port.on_refused = lambda name, _: told.append(name)
    port.order('a', NodeOrder(number=1))
    node.clients['a/recover'].futures[0].answered(answer)
    assert (told, node.said) == ([], [])


def test_every_tier_that_is_carried_out_in_a_node_can_be_ordered(port, node) -> None:
    in_the_recovery_node = {Tier.RESTART, Tier.DEGRADED}
    for tier in set(Tier) - in_the_recovery_node:
        port.order('a', NodeOrder(number=1, tier=tier))
    numbers = [request.tier for request in node.clients['a/recover'].requests]
    assert len(set(numbers)) == len(Tier) - len(in_the_recovery_node)


def test_a_port_that_is_closed_leaves_no_clients(node, store) -> None:
    control = open_or_create(store, ['a'], 2 * DATA)
    options = RecoveryOptions(
        detectors=['a'],
        store_bytes=2 * DATA,
        heartbeat_deadline_ticks=10,
        coordinator=CoordinatorOptions(),
    )
    port = RecoveryPort(
        node, store=store, control=control, options=options, finished=lambda _: None
    )
    assert len(node.clients) == 2
    port.close(node)
    assert node.clients == {}


# Marks


def test_before_a_node_has_attached_its_file_says_nothing(port) -> None:
    assert port.marks('a') is None


def test_the_marks_of_a_node_are_those_of_its_file(port, store) -> None:
    file = NodeFile(store / 'a')
    file.attach(Plan((), STAGES))
    marks = ProgressMarks(file)
    marks.frame(5, 'front', 2)
    marks.stage(1, 100, 200)
    marks.note_fault(FaultNote('f1', 'proc.kill', 50))
    found = port.marks('a')
    assert (found.progress.stamp_ns, found.progress.stage, found.progress.epoch) == (5, 1, 2)
    assert (found.progress.state, found.progress.due_ns) == (FrameState.RUNNING, 200)
    assert (found.fault, found.stages) == (FaultNote('f1', 'proc.kill', 50), STAGES)
    file.sign_off()


def test_the_fence_is_in_the_store(port, store) -> None:
    port.fence(9)
    assert Control(store).epoch == 9


# Deaths and hangs


class Deaths(queue.Queue):
    """What the port reports, and how often it has looked."""

    looks: int = 0
    silent: int = 0

    def on_death(self, node: str, pid: int, detector: str, why: str, _seen_ns: int) -> None:
        self.put((node, pid, detector, why))

    def silent_ticks(self, _node: str) -> int:
        self.looks += 1
        return self.silent

    def next(self) -> tuple[str, int, str, str]:
        return self.get(timeout=DEADLINE_S)


@pytest.fixture
def deaths(port) -> Deaths:
    deaths = Deaths()
    port.on_death = deaths.on_death
    port.silent_ticks = deaths.silent_ticks
    return deaths


@pytest.fixture
def attached(store) -> Iterator[Callable[..., int]]:
    """Start a process that attaches to the file of ``name``, marks, and does nothing more."""
    started: list[int] = []

    def start(name: str = 'a', mark: Callable[[ProgressMarks], None] = lambda _: None) -> int:
        read, write = os.pipe()
        pid = os.fork()
        if pid == 0:
            try:
                signal.alarm(300)
                file = NodeFile(store / name)
                file.attach(Plan((), STAGES))
                mark(ProgressMarks(file))
                os.write(write, b'x')
                while True:
                    signal.pause()
            finally:
                os._exit(1)
        started.append(pid)
        os.close(write)
        with os.fdopen(read, 'rb') as ready:
            assert ready.read(1) == b'x'
        return pid

    yield start
    for pid in started:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def is_left_alone(deaths: Deaths, until) -> None:
    looks = deaths.looks
    until(lambda: deaths.looks >= looks + 5, 'a few looks')
    assert deaths.empty()


def test_a_broken_promise_is_a_hang_of_the_stage_that_runs(port, deaths, attached) -> None:
    now = time.monotonic_ns()

    def mark(marks: ProgressMarks) -> None:
        marks.frame(5, 'front', 1)
        marks.stage(1, now - 2 * SECOND, now - SECOND)

    pid = attached(mark=mark)
    assert port.watch('a', pid)
    node, dead, detector, why = deaths.next()
    assert (node, dead, detector) == ('a', pid, 'stage_deadline')
    assert why.startswith('running stage 1, ')
    assert why.endswith(' ms past its deadline: killed')


def test_a_thread_that_does_not_come_back_for_work_hangs_too(port, deaths, attached) -> None:
    pid = attached(mark=lambda marks: marks.promise(1))
    assert port.watch('a', pid)
    _, _, detector, why = deaths.next()
    assert detector == 'stage_deadline'
    assert why.startswith('waiting for work, ')


@pytest.mark.parametrize('promise', ['later', 'nothing'])
def test_who_keeps_a_promise_or_made_none_is_left_alone(
    port, deaths, attached, until, promise: str
) -> None:
    due_ns = time.monotonic_ns() + 3600 * SECOND if promise == 'later' else 0
    assert port.watch('a', attached(mark=lambda marks: marks.promise(due_ns)))
    is_left_alone(deaths, until)


def test_a_successor_does_not_answer_for_the_promises_of_the_one_before(
    port, deaths, attached, until
) -> None:
    attached('a', mark=lambda marks: marks.promise(1))  # its file is still that of this one
    successor = attached('b')
    assert port.watch('a', successor)
    is_left_alone(deaths, until)


def test_a_node_whose_heartbeats_stay_away_has_hung(port, deaths, attached, until) -> None:
    pid = attached()
    deaths.silent = 10
    assert port.watch('a', pid)
    is_left_alone(deaths, until)
    deaths.silent = 11
    node, dead, detector, why = deaths.next()
    assert (node, dead, detector) == ('a', pid, 'heartbeat')
    assert why == 'no heartbeat for 1.1 s: killed'


def test_nobody_is_judged_while_the_recovery_node_does_not_lead(port, deaths, attached) -> None:
    deaths.silent = 11
    pid = attached(mark=lambda marks: marks.promise(1))
    port.leads = False
    assert port._overdue('a', pid) is None
    port.leads = True
    assert port._overdue('a', pid) is not None


def test_a_process_that_is_killed_on_order_is_reported_for_that_reason(
    port, deaths, attached, until
) -> None:
    pid = attached()
    assert port.watch('a', pid)
    is_left_alone(deaths, until)
    port.kill('b', pid, 'escalation', 'another node with this pid, on another host')
    is_left_alone(deaths, until)
    port.kill('a', pid, 'escalation', 'finite again after 2 tries')
    assert deaths.next() == ('a', pid, 'escalation', 'finite again after 2 tries')


def test_a_process_that_dies_by_itself_is_reported_as_such(port, deaths, attached) -> None:
    pid = attached()
    assert port.watch('a', pid)
    os.kill(pid, signal.SIGKILL)
    node, dead, detector, _ = deaths.next()
    assert (node, dead, detector) == ('a', pid, 'process_exit')
