# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The recovery node in this process, without anybody to lead."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

pytest.importorskip('rclpy', reason='ROS 2 (rclpy) is not installed')

import rclpy
from builtin_interfaces.msg import Time
from rclpy.lifecycle import TransitionCallbackReturn
from rclpy.parameter import Parameter
from restage_msgs.msg import Heartbeat, StageStatus
from std_msgs.msg import Header

from restage.checkpoint.adoption import Left
from restage.diagnosis.status import Level
from restage.harness.domain import own_domain
from restage.nodes import recovery_node as module
from restage.nodes.recovery_node import RecoveryNode
from restage.recovery.breaker import SECOND
from restage.recovery.policy import Policy

Return = TransitionCallbackReturn


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., RecoveryNode]]:
    """Start the node with parameters, in a domain and with a store of its own."""
    monkeypatch.setenv('FASTDDS_BUILTIN_TRANSPORTS', 'UDPv4')
    monkeypatch.setattr(module, 'store_folder', lambda _: tmp_path / 'store')
    nodes: list[RecoveryNode] = []

    def start(**parameters: object) -> RecoveryNode:
        given = {'autostart': 'false', 'store_capacity_mb': 1, **parameters}
        words = [word for name, value in given.items() for word in ('-p', f'{name}:={value}')]
        rclpy.init(args=['--ros-args', *words], domain_id=domain)
        nodes.append(RecoveryNode())
        return nodes[-1]

    with own_domain() as domain:
        yield start
        for node in nodes:
            node.close()
            node.destroy_node()
        rclpy.try_shutdown()


def said(node: RecoveryNode, item: str = 'status') -> tuple[Level, str]:
    return node._diagnostics._said[item]


def test_it_leads_by_the_policy_it_was_given(start) -> None:
    node = start(recovery_policy='standby_failover')
    assert node.trigger_configure() == Return.SUCCESS
    assert node._coordinator.policy is Policy.STANDBY_FAILOVER


def test_an_unknown_policy_keeps_it_from_being_configured_and_is_said(start) -> None:
    node = start(recovery_policy='best')
    assert node.trigger_configure() == Return.FAILURE
    level, message = said(node)
    assert level == Level.ERROR
    assert message == (
        "recovery_policy 'best' is unknown; accepted: "
        'ladder, whole_frame_rerun, model_reload, standby_failover, process_reset'
    )


def test_the_policy_can_be_changed_while_it_runs_but_not_to_an_unknown_one(start) -> None:
    node = start()
    assert node.trigger_configure() == Return.SUCCESS
    coordinator = node._coordinator

    (result,) = node.set_parameters([Parameter('recovery_policy', value='process_reset')])
    assert result.successful
    assert coordinator.policy is Policy.PROCESS_RESET

    (result,) = node.set_parameters([Parameter('recovery_policy', value='best')])
    assert not result.successful
    assert result.reason.startswith("recovery_policy 'best' is unknown; accepted: ladder, ")
    assert coordinator.policy is Policy.PROCESS_RESET
    assert node.get_parameter('recovery_policy').value == 'process_reset'


def test_a_policy_that_is_set_before_it_is_configured_holds_then(start) -> None:
    node = start()
    (result,) = node.set_parameters([Parameter('recovery_policy', value='model_reload')])
    assert result.successful
    assert node.trigger_configure() == Return.SUCCESS
    assert node._coordinator.policy is Policy.MODEL_RELOAD


@pytest.mark.parametrize(
    ('name', 'value'), [('frame_budget_ms', 0.0), ('breaker_failures', 0), ('max_attempts', 11)]
)
def test_a_number_out_of_its_range_is_refused_while_it_runs(start, name: str, value) -> None:
    node = start()
    (result,) = node.set_parameters([Parameter(name, value=value)])
    assert not result.successful


@pytest.mark.parametrize(
    ('alive', 'not_alive', 'lost'),
    [
        (1, 0, False),  # one more
        (-1, 1, True),  # one fell silent
        (-1, 0, True),  # one ended in good order
        (0, -1, True),  # one that was silent is gone
        (0, 0, True),  # one ended and one began
        (1, -1, False),  # one that was silent is heard again
    ],
)
def test_whoever_may_have_been_lost_is_looked_for(
    start, alive: int, not_alive: int, lost: bool
) -> None:
    node = start()
    assert node.trigger_configure() == Return.SUCCESS
    told: list[int] = []
    node._coordinator.on_peers_lost = told.append
    node._on_liveliness(SimpleNamespace(alive_count_change=alive, not_alive_count_change=not_alive))
    assert bool(told) is lost


def test_an_open_breaker_is_said_and_health_is_claimed_again_only_when_it_is_closed(
    start, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = start(breaker_failures=1)
    node._diagnostics.publish()
    assert said(node, 'circuit breaker') == (Level.STALE, 'the recovery node is not active')
    assert node.trigger_configure() == Return.SUCCESS
    assert node.trigger_activate() == Return.SUCCESS
    now_ns = 10**15
    monkeypatch.setattr(module, 'time', SimpleNamespace(monotonic_ns=lambda: now_ns))
    breaker = node._coordinator.breaker
    breaker.failure(now_ns)
    node._tick()
    assert said(node, 'circuit breaker') == (
        Level.ERROR,
        'degraded: the primary fails again and again; nobody is promoted',
    )
    now_ns += SECOND
    node._tick()
    assert said(node, 'circuit breaker') == (
        Level.ERROR,
        'degraded: the primary fails again and again; trying again',
    )
    for _ in range(30):
        breaker.good(now_ns)
    node._tick()
    assert said(node, 'circuit breaker') == (
        Level.OK,
        'closed: the primary is healthy again',
    )
    assert said(node) == (Level.OK, 'watching')


def test_messages_that_cannot_be_are_said_and_survived(start) -> None:
    node = start()
    assert node.trigger_configure() == Return.SUCCESS
    assert node.trigger_activate() == Return.SUCCESS
    said: list[str] = []
    node.get_logger = lambda: SimpleNamespace(warning=lambda text, **_: said.append(text))
    info, detections, status, heartbeat = (one.callback for one in node._inputs)
    info(b'\0\1')
    detections(b'')
    status(StageStatus(node='detection_a', header=Header(stamp=Time(sec=-1))))
    name = {'node': 'detection_a', 'state': 2}
    heartbeat(Heartbeat(**name))
    heartbeat(Heartbeat(**name, pid=2**31))
    heartbeat(Heartbeat(**name, pid=7, epoch=2**64 - 1))
    assert [text.partition(': a message that cannot be used: ')[::2] for text in said] == [
        ('camera_info', 'its 2 bytes are too few for a header'),
        ('detections', 'its 0 bytes are too few for a header'),
        ('stage_status', 'the stamp is of -1 s; accepted: 0 and later'),
        ('heartbeat', "'detection_a' has the pid 0; accepted: 1 to 4194304"),
        ('heartbeat', "'detection_a' has the pid 2147483648; accepted: 1 to 4194304"),
        ('heartbeat', f"'detection_a' has the epoch {2**64 - 1}; accepted: up to {2**63 - 1}"),
    ]
    assert node._coordinator.roster.primary is None


def test_while_it_is_inactive_nobody_is_silent_or_replaced(start) -> None:
    node = start()
    assert node.trigger_configure() == Return.SUCCESS
    assert not node._port.leads
    assert node.trigger_activate() == Return.SUCCESS
    assert node._port.leads
    coordinator, pid = node._coordinator, os.getpid()
    coordinator.on_heartbeat('detection_a', pid, 2, 0)
    primary = coordinator.roster.primary
    assert primary.name == 'detection_a'
    assert node.trigger_deactivate() == Return.SUCCESS
    assert not node._port.leads
    for _ in range(20):
        node._tick()
    assert coordinator.silent_ticks('detection_a') == 0
    # One that is there when it listens again has some time to be heard.
    assert node.trigger_activate() == Return.SUCCESS
    for _ in range(20):
        node._tick()
    assert coordinator.silent_ticks('detection_a') < 0
    assert coordinator.roster.primary is primary
    # Who dies meanwhile is dead, though its pid may be another's when somebody looks.
    assert node.trigger_deactivate() == Return.SUCCESS
    node._died('detection_a', pid, 'process_exit', 'process ended', 1)
    assert coordinator.roster.primary is primary
    assert node.trigger_activate() == Return.SUCCESS
    assert coordinator.roster.primary is None


def test_a_primary_that_an_earlier_recovery_node_led_is_led_before_it_is_heard(
    start, monkeypatch
) -> None:
    left = Left(epoch=3, adopt=True, ended_of=(5,), living=(('detection_b', os.getpid(), 3),))
    monkeypatch.setattr('restage.nodes.recovery_node.left_by', lambda *_: left)
    node = start()
    assert node.trigger_configure() == Return.SUCCESS
    assert node._coordinator.roster.primary.name == 'detection_b'
    assert node._coordinator.roster.primary.epoch == 3
    assert [one.pid for one in node._port._watch._watched.values()] == [os.getpid()]


def test_what_a_transition_raises_is_said_and_nothing_is_left_of_it(start, monkeypatch) -> None:
    node = start()
    assert node.trigger_configure() == Return.SUCCESS
    port = node._port

    def fail(*_: object) -> None:
        raise KeyError('nobody foresaw this')

    monkeypatch.setattr(node, '_hear_camera', fail)
    assert node.trigger_activate() == Return.FAILURE
    assert said(node) == (Level.ERROR, "on_activate: KeyError: 'nobody foresaw this'")
    assert not port.leads
    monkeypatch.undo()
    assert node.trigger_activate() == Return.SUCCESS
