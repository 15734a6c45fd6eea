# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The injector node as a real process; this process is the system around it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest.importorskip('rclpy', reason='ROS 2 (rclpy) is not installed')

import rclpy
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from rcl_interfaces.srv import SetParameters
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.parameter import Parameter
from restage_msgs.msg import FaultCommand, FaultEvent, Heartbeat
from restage_msgs.srv import InjectFault
from vision_msgs.msg import Detection2DArray

from restage.harness.domain import own_domain
from restage.harness.environment import transport_environment
from restage.nodes.qos import HEARTBEAT

pytestmark = pytest.mark.e2e

DEADLINE_S = 40.0
CONFIG = Path(__file__).parents[2] / 'config' / 'injector.yaml'
SCENARIO = """
schema: 1
name: short
seed: 3
faults:
  - {at_s: 0.0, kind: nn.neuron.nan, stage: neck, parameters: {count: 4}}
  - {at_s: 0.6, kind: proc.kill, stage: head}
  - {at_s: 0.2, kind: timing.delay, stage: head, parameters: {delay_ms: 5}}
"""
ORDER = ['nn.neuron.nan', 'timing.delay', 'proc.kill']
INJECT = """
import argparse, sys
from restage.commands import inject
parser = argparse.ArgumentParser()
inject.add_arguments(parser)
sys.exit(inject.run(parser.parse_args()))
"""


class Peer:
    """The system around the injector: a detector that answers commands as it is told."""

    def __init__(self, namespace: str) -> None:
        self.namespace = namespace
        self.commands: list[tuple[float, FaultCommand]] = []
        self.statuses: list[DiagnosticStatus] = []
        self.answers: list[int] = []
        self.context = Context()
        rclpy.init(context=self.context, domain_id=int(os.environ['ROS_DOMAIN_ID']))
        self.node = rclpy.create_node('peer', namespace=namespace, context=self.context)
        self.executor = SingleThreadedExecutor(context=self.context)
        self.executor.add_node(self.node)
        self.detections = self.node.create_publisher(Detection2DArray, 'detections', 10)
        self.events = self.node.create_publisher(FaultEvent, 'fault_events', 10)
        self.node.create_subscription(DiagnosticArray, '/diagnostics', self._on_diagnostics, 50)
        self.heartbeats = self.node.create_publisher(Heartbeat, 'heartbeat', HEARTBEAT)
        self.role = Heartbeat.ROLE_PRIMARY
        self.node.create_timer(0.1, self._beat)

    def _beat(self) -> None:
        self.heartbeats.publish(Heartbeat(node='detection_a', role=self.role))

    def listen(self) -> None:
        self.node.create_subscription(FaultCommand, 'fault_commands', self._on_command, 10)

    def _on_command(self, command: FaultCommand) -> None:
        self.commands.append((time.monotonic(), command))
        for state in self.answers:
            event = FaultEvent(id=command.id, kind=command.kind, node='detection_a', state=state)
            event.stage, event.detail, event.monotonic_ns = 'neck', 'p[1]: 0 -> nan', 5
            self.events.publish(event)

    def _on_diagnostics(self, array: DiagnosticArray) -> None:
        name = f'{self.namespace}/injector'.lstrip('/')
        self.statuses += [status for status in array.status if status.name.startswith(name)]

    def until(self, condition: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + DEADLINE_S
        while not condition():
            assert time.monotonic() < end, f'not within {DEADLINE_S} s: {what}'
            self.executor.spin_once(timeout_sec=0.05)

    def until_said(self, text: str, level: bytes = DiagnosticStatus.OK) -> dict[str, str]:
        def found() -> list[DiagnosticStatus]:
            return [s for s in self.statuses if text in s.message and s.level == level]

        self.until(lambda: bool(found()), f'a diagnostic with {text!r}')
        return {item.key: item.value for item in found()[-1].values}

    def until_value(self, key: str, value: str) -> None:
        def newest() -> dict[str, str]:
            return {item.key: item.value for item in self.statuses[-1].values}

        self.until(lambda: bool(self.statuses) and newest().get(key) == value, f'{key} = {value}')

    def call(self, kind: type, name: str, request: object):
        client = self.node.create_client(kind, f'injector/{name}')
        self.until(client.service_is_ready, f'service {name}')
        future = client.call_async(request)
        self.until(future.done, f'answer of {name}')
        return future.result()

    def inject(self, **fields) -> InjectFault.Response:
        fields = {'kind': 'nn.neuron.nan', 'when': 2, 'probability': 1.0, **fields}
        command = FaultCommand(target='primary', stage='neck', **fields)
        return self.call(InjectFault, 'inject', InjectFault.Request(command=command))

    def set_scenario(self, path: str) -> tuple[bool, str]:
        parameter = Parameter('scenario', value=path).to_parameter_msg()
        request = SetParameters.Request(parameters=[parameter])
        (result,) = self.call(SetParameters, 'set_parameters', request).results
        return result.successful, result.reason

    def close(self) -> None:
        self.executor.shutdown()
        self.node.destroy_node()
        rclpy.shutdown(context=self.context)


@pytest.fixture(autouse=True)
def namespace(monkeypatch) -> Iterator[str]:
    """A domain and a namespace of its own for every test."""
    for name, value in transport_environment(os.environ).items():
        monkeypatch.setenv(name, value)
    with own_domain() as domain:
        monkeypatch.setenv('ROS_DOMAIN_ID', str(domain))
        yield f'/t{domain}'


@pytest.fixture
def peer(namespace):
    peer = Peer(namespace)
    yield peer
    peer.close()


@pytest.fixture
def scenario(tmp_path) -> Path:
    path = tmp_path / 'short.yaml'
    path.write_text(SCENARIO)
    return path


@pytest.fixture
def start(tmp_path, namespace):
    started: list[subprocess.Popen[bytes]] = []

    def start(*extra: str, **parameters: object) -> subprocess.Popen[bytes]:
        command = [sys.executable, '-m', 'restage.nodes.injector_node', '--ros-args']
        command += ['-r', f'__ns:={namespace}', '--params-file', str(CONFIG), *extra]
        for name, value in parameters.items():
            text = str(value).lower() if isinstance(value, bool) else str(value)
            command += ['-p', f'{name}:={text}']
        with (tmp_path / f'injector_{len(started)}.txt').open('wb') as file:
            started.append(subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT))
        return started[-1]

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.wait()


def output(tmp_path: Path) -> str:
    return (tmp_path / 'injector_0.txt').read_text(errors='replace')


def end(process: subprocess.Popen[bytes], number: int, tmp_path: Path) -> None:
    process.send_signal(number)
    assert process.wait(DEADLINE_S) == 0
    assert 'Traceback' not in output(tmp_path)


def test_scenario_plays_after_the_first_detections(start, peer, scenario, tmp_path):
    process = start(allow_fault_injection=True, scenario=scenario)
    peer.answers = [FaultEvent.ARMED, FaultEvent.FIRED]
    peer.until_said("waiting for a subscription to 'fault_commands'")
    peer.listen()
    peer.until_said('waiting for the first detections')
    assert peer.commands == []
    seen = time.monotonic()
    peer.detections.publish(Detection2DArray())
    values = peer.until_said('scenario finished')
    assert [command.kind for _, command in peer.commands] == ORDER
    assert [command.id for _, command in peer.commands] == ['short/1', 'short/3', 'short/2']
    times = [at - seen for at, _ in peer.commands]
    assert times == sorted(times)
    assert times[1] >= 0.2
    assert times[2] >= 0.6
    command = peer.commands[0][1]
    assert (command.target, command.stage, command.when) == ('primary', 'neck', 2)
    assert [(p.name, p.value.integer_value) for p in command.parameters] == [('count', 4)]
    assert command.stamp.sec > 0
    assert (values['finished'], values['fired'], values['next_fault']) == ('true', '3', '')
    end(process, signal.SIGTERM, tmp_path)


def test_start_now_needs_a_listener_and_a_primary_and_a_second_run_has_new_ids(
    start, peer, scenario, tmp_path
):
    process = start(allow_fault_injection=True, scenario=scenario, start='now')
    peer.answers = [FaultEvent.FIRED]
    peer.role = Heartbeat.ROLE_STANDBY
    peer.listen()
    peer.until_said('waiting for a primary')
    assert peer.commands == []
    peer.role = Heartbeat.ROLE_PRIMARY
    peer.until_said('scenario finished')
    assert peer.set_scenario(str(scenario)) == (True, '')
    peer.until(lambda: len(peer.commands) == 6, 'second run')
    assert [command.id for _, command in peer.commands[3:]] == [
        'short#2/1',
        'short#2/3',
        'short#2/2',
    ]
    end(process, signal.SIGINT, tmp_path)


def test_faults_that_nobody_reports_end_the_scenario_with_a_warning(start, peer, scenario):
    start(allow_fault_injection=True, scenario=scenario, start='now')
    peer.listen()
    values = peer.until_said('3 faults were not reported', DiagnosticStatus.WARN)
    assert (values['finished'], values['fired']) == ('true', '0')


def test_off_by_default_publishes_nothing_and_refuses(start, peer, scenario, tmp_path):
    process = start(scenario=scenario, start='now')
    peer.listen()
    peer.detections.publish(Detection2DArray())
    peer.until_said('fault injection is off', DiagnosticStatus.WARN)
    answer = peer.inject()
    assert not answer.accepted
    assert 'allow_fault_injection:=true' in answer.message
    accepted, reason = peer.set_scenario(str(scenario))
    assert not accepted
    assert 'fault injection is off' in reason
    count = len(peer.statuses)
    peer.until(lambda: len(peer.statuses) >= count + 2, 'two more seconds')
    assert peer.commands == []
    end(process, signal.SIGINT, tmp_path)


def test_service_publishes_what_is_valid_and_refuses_the_rest(start, peer):
    process = start(allow_fault_injection=True)
    answer = peer.inject()
    assert (answer.accepted, answer.message) == (
        False,
        "nobody listens on 'fault_commands': is a detection node running?",
    )
    peer.listen()
    assert peer.inject(id='mine').accepted
    peer.until(lambda: len(peer.commands) == 1, 'the command')
    assert peer.commands[0][1].id == 'mine'
    answer = peer.inject()
    assert answer.accepted
    assert answer.id.startswith('inject-')
    peer.until(lambda: len(peer.commands) == 2, 'the second command')
    assert peer.commands[1][1].id == answer.id
    for fields, message in [
        ({'kind': 'nn.neuron.nam'}, "did you mean 'nn.neuron.nan'?"),
        ({'when': 0}, "'when' of 'nn.neuron.nan' is 'before'; accepted: after"),
        ({'when': 9}, "unknown 'when' '9'"),
        ({'probability': 0.0}, "'probability' is 0.0"),
        ({'id': 'mine'}, "id 'mine' was used before"),
    ]:
        answer = peer.inject(**fields)
        assert not answer.accepted
        assert message in answer.message
    assert process.poll() is None
    assert len(peer.commands) == 2


def test_a_refusal_after_a_firing_leaves_the_node_alive(start, peer, tmp_path):
    """Rclpy does not let one line of code log with two severities: found by `restage soak`."""
    process = start(allow_fault_injection=True)
    peer.listen()
    assert peer.inject(id='one').accepted
    for state, said in (
        (FaultEvent.FIRED, "'fired' fired"),
        (FaultEvent.REJECTED, "'no' rejected"),
    ):
        peer.answers = [state]
        assert peer.inject(id=said.split("'")[1]).accepted
        peer.until(lambda said=said: said in output(tmp_path), said)
    end(process, signal.SIGINT, tmp_path)


def test_a_bad_scenario_leaves_the_node_alive_and_says_why(start, peer, scenario, tmp_path):
    bad = tmp_path / 'bad.yaml'
    bad.write_text(SCENARIO.replace('proc.kill', 'proc.kil'))
    process = start(allow_fault_injection=True, scenario=bad, start='now')
    peer.answers = [FaultEvent.FIRED]
    peer.listen()
    peer.until_said("faults[1]: unknown fault kind 'proc.kil'", DiagnosticStatus.ERROR)
    assert process.poll() is None
    assert peer.commands == []
    for path, message in [(str(bad), "'proc.kil'"), ('/no/such.yaml', 'No such file')]:
        accepted, reason = peer.set_scenario(path)
        assert not accepted
        assert message in reason
    assert peer.set_scenario(str(scenario)) == (True, '')
    peer.until_said('scenario finished')
    assert [command.kind for _, command in peer.commands] == ORDER
    end(process, signal.SIGINT, tmp_path)
    assert output(tmp_path).count("unknown fault kind 'proc.kil'") == 1


def test_a_scenario_of_the_wrong_type_leaves_the_node_alive(start, peer):
    process = start(allow_fault_injection=True, scenario=7)
    peer.until_said('scenario', DiagnosticStatus.ERROR)
    assert process.poll() is None


def test_an_unacceptable_start_is_one_message_and_exit_status_2(start, tmp_path):
    process = start(start='tomorrow')
    assert process.wait(DEADLINE_S) == 2
    assert "injector: unknown 'start' 'tomorrow'; accepted: first_detection, now" in output(
        tmp_path
    )
    assert 'Traceback' not in output(tmp_path)


@pytest.mark.parametrize(
    ('answers', 'status', 'outcome'),
    [
        ([FaultEvent.ARMED, FaultEvent.FIRED], 0, 'fired'),
        ([FaultEvent.REJECTED], 1, 'rejected'),
        ([FaultEvent.ARMED], 1, 'timeout'),
    ],
)
def test_the_command_line(start, peer, namespace, tmp_path, answers, status, outcome):
    start(allow_fault_injection=True)
    peer.answers = answers
    peer.listen()
    peer.until_said('ready; no scenario')
    result = tmp_path / 'result.json'
    words = ['nn.neuron.nan', 'count=4', '--stage', 'neck', '--namespace', namespace]
    words += ['--json', str(result), '--timeout', '6' if outcome == 'timeout' else '30']
    process = subprocess.Popen(
        [sys.executable, '-c', INJECT, *words], stdout=subprocess.PIPE, text=True
    )
    try:
        peer.until(lambda: process.poll() is not None, 'the end of restage inject')
        assert process.returncode == status
        assert process.communicate()[0].startswith(f'{outcome}: nn.neuron.nan (inject-')
        data = json.loads(result.read_text())
        assert data['outcome'] == outcome
        assert data['id'] == peer.commands[0][1].id
        if outcome == 'fired':
            assert (data['node'], data['detail']) == ('detection_a', 'p[1]: 0 -> nan')
    finally:
        process.kill()
        process.wait()


def test_the_command_line_without_an_injector(tmp_path):
    words = ['proc.kill', '--timeout', '1']
    process = subprocess.run(
        [sys.executable, '-c', INJECT, *words], stdout=subprocess.PIPE, text=True, timeout=60
    )
    assert process.returncode == 1
    assert process.stdout.startswith('no_injector: proc.kill')
