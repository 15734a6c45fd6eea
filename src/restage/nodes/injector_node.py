# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The injector: plays a scenario of faults, and passes on single ones asked for by service."""

from __future__ import annotations

import sys
import time
import uuid
from pathlib import Path

import rclpy
from rcl_interfaces.msg import SetParametersResult
from rclpy.exceptions import InvalidParameterTypeException
from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.qos import QoSProfile, qos_profile_sensor_data
from rclpy.subscription import Subscription
from restage_msgs.msg import FaultCommand, FaultEvent, Heartbeat
from restage_msgs.srv import InjectFault
from vision_msgs.msg import Detection2DArray

from restage.cameras import Cameras
from restage.diagnosis.status import Level, Status, Value
from restage.faults.command import Fault
from restage.faults.enums import FaultState
from restage.faults.errors import FaultError, not_accepted
from restage.faults.messages import command_to_fault, event_to_record, fault_to_command
from restage.faults.playback import Playback
from restage.faults.record import FaultRecord
from restage.faults.scenario import Scenario
from restage.faults.tally import FaultTally
from restage.faults.trace import Replay, TraceWriter, load_playable
from restage.nodes.diagnostics import Diagnostics
from restage.nodes.parameters import cameras_of, declare, declare_cameras
from restage.nodes.qos import EVENTS, HEARTBEAT
from restage.nodes.spin import run_node
from restage.nodes.steady import steady_timer

STARTS = ('first_detection', 'now')
OFF = 'fault injection is off: start this node with allow_fault_injection:=true'
NOBODY = "nobody listens on 'fault_commands': is a detection node running?"
# How often to look whether somebody listens, and whether late reports came.
POLL_S = 0.05
# So long a request waits for somebody to hit: this node may have met nobody yet.
DISCOVERY_S = 2.0
SHORTEST_WAIT_S = 0.001


class InjectorNode(Node):
    """
    Publishes fault commands: a scenario's on its time line, and those asked for by service.

    It only talks: a detector that is to be hit decides by itself, and none is the worse for
    the death of this node.

    :raises FaultError: when the parameter ``start`` is not acceptable.
    """

    def __init__(self) -> None:
        super().__init__('injector')
        self._tally = FaultTally()
        self._playback: Playback | None = None
        self._path = ''
        self._runs: dict[str, int] = {}
        self._checked: tuple[str, Scenario | Replay] | None = None
        self._seen_detections = self._seen_primary = False
        self._ids: set[str] = set()
        self._allowed: bool = declare(
            self,
            'allow_fault_injection',
            False,
            'Off: nothing is ever published, every request is refused.',
            read_only=True,
        )
        self._start: str = declare(
            self,
            'start',
            STARTS[0],
            f'Time 0 of the scenario: {" or ".join(STARTS)}.',
            read_only=True,
        )
        if self._start not in STARTS:
            raise FaultError(not_accepted("'start'", self._start, STARTS))
        self._trace = self._open_trace(
            str(declare(self, 'trace', '', 'File to record faults in that fired; empty: none.'))
        )
        self._commands = self.create_publisher(FaultCommand, 'fault_commands', QoSProfile(depth=10))
        self.create_subscription(FaultEvent, 'fault_events', self._on_event, EVENTS)
        declare_cameras(self)
        self._detections = self._hear(cameras_of(self))
        # A command to the primary that nobody is yet would be for nobody.
        self._heartbeats = self.create_subscription(
            Heartbeat, 'heartbeat', self._on_heartbeat, HEARTBEAT
        )
        self._status = Diagnostics(self, lambda: [self._own()])
        self.create_service(InjectFault, '~/inject', self._on_inject)
        self._timer = steady_timer(self, POLL_S, self._step, autostart=False)
        self._begin()
        self.add_on_set_parameters_callback(self._check_parameters)
        self.add_post_set_parameters_callback(self._apply_parameters)

    def _open_trace(self, path: str) -> TraceWriter | None:
        if not path:
            return None
        try:
            return TraceWriter(Path(path).expanduser())
        except OSError as error:
            self.get_logger().error(f"parameter 'trace': {path} cannot be written: {error}")
            return None

    def _begin(self) -> None:
        """Take up the scenario given at start; a bad one is reported, and the node lives on."""
        try:
            path = str(
                declare(
                    self, 'scenario', '', 'YAML file of faults, or a trace (.jsonl); empty: none.'
                )
            )
            self._play(path, load_playable(path) if path and self._allowed else None)
        except InvalidParameterTypeException as error:
            self.declare_parameter('scenario', '', ignore_override=True)
            self._fail(str(error))
        except FaultError as error:
            self._fail(str(error))

    def _fail(self, message: str) -> None:
        self.get_logger().error(f'no scenario is played: {message}')
        self._status.set(Level.ERROR, message)

    def _check_parameters(self, parameters: list[Parameter]) -> SetParametersResult:
        for parameter in parameters:
            if parameter.name != 'scenario' or not parameter.value:
                continue
            if not self._allowed:
                return SetParametersResult(successful=False, reason=OFF)
            try:
                self._checked = (parameter.value, load_playable(parameter.value))
            except FaultError as error:
                return SetParametersResult(successful=False, reason=str(error))
        return SetParametersResult(successful=True)

    def _apply_parameters(self, parameters: list[Parameter]) -> None:
        for parameter in parameters:
            if parameter.name == 'scenario':
                checked = self._checked
                same = checked is not None and checked[0] == parameter.value
                self._play(parameter.value, checked[1] if checked is not None and same else None)

    def _play(self, path: str, scenario: Scenario | Replay | None) -> None:
        """Play ``scenario`` from its beginning instead of the one before; ``None``: none."""
        self._path = path
        self._playback = None
        self._timer.cancel()
        if not self._allowed:
            self._status.set(Level.WARN if path else Level.OK, OFF)
        elif scenario is None:
            self._status.set(Level.OK, 'ready; no scenario')
        else:
            run = self._runs[scenario.name] = self._runs.get(scenario.name, 0) + 1
            self._playback = Playback(scenario.schedule(run))
            self.get_logger().info(f"scenario '{scenario.name}': {self._playback.total} faults")
            self._wake_in(0.0)

    def _wake_in(self, seconds: float) -> None:
        wait_s = min(max(seconds, SHORTEST_WAIT_S), 1.0)
        self._timer.timer_period_ns = round(wait_s * 1e9)
        self._timer.reset()

    def _step(self) -> None:
        """Do what is due on the time line, and sleep until there is more."""
        playback, now = self._playback, time.monotonic()
        if playback is None:
            self._timer.cancel()
            return
        if not playback.started and not self._may_start():
            self._wake_in(POLL_S)
            return
        if not playback.started:
            playback.start(now)
            self._status.set(Level.OK, 'scenario running')
        for fault in playback.due(now):
            self._publish(fault)
        if playback.finished(now):
            self._timer.cancel()
            self._finish(playback)
        else:
            self._wake_in(playback.wait_s(now) if playback.next_fault else POLL_S)

    def _may_start(self) -> bool:
        if not self._commands.get_subscription_count():
            self._status.set(Level.OK, "waiting for a subscription to 'fault_commands'")
        elif self._start == 'first_detection' and not self._seen_detections:
            self._status.set(Level.OK, 'waiting for the first detections')
        elif not self._seen_primary:
            self._status.set(Level.OK, 'waiting for a primary')
        else:
            return True
        return False

    def _finish(self, playback: Playback) -> None:
        if playback.unreported:
            message = f'scenario finished, but {playback.unreported} faults were not reported'
            self.get_logger().warning(message)
            self._status.set(Level.WARN, message)
        else:
            self.get_logger().info('scenario finished')
            self._status.set(Level.OK, 'scenario finished')

    def _publish(self, fault: Fault) -> None:
        command = fault_to_command(fault)
        command.stamp = self.get_clock().now().to_msg()
        self._commands.publish(command)
        self._ids.add(fault.id)
        if self._trace is not None:
            self._trace.commanded(fault)
        place = fault.stage or 'a stage chosen with the seed'
        self.get_logger().info(f"fault '{fault.id}': {fault.kind} in {place} of {fault.target}")
        self._status.publish()

    def _hear(self, cameras: Cameras) -> list[Subscription[Detection2DArray]]:
        return [
            self.create_subscription(
                Detection2DArray,
                cameras.topic(number, 'detections'),
                self._on_detections,
                qos_profile_sensor_data,
            )
            for number in range(len(cameras))
        ]

    def _on_detections(self, _: Detection2DArray) -> None:
        self._seen_detections = True
        while self._detections:
            self.destroy_subscription(self._detections.pop())

    def _on_heartbeat(self, beat: Heartbeat) -> None:
        if beat.role == Heartbeat.ROLE_PRIMARY and not self._seen_primary:
            self._seen_primary = True
            self.destroy_subscription(self._heartbeats)

    def _on_event(self, event: FaultEvent) -> None:
        try:
            record = event_to_record(event)
        except FaultError as error:
            self.get_logger().warning(f"event of fault '{event.id}' ignored: {error}")
            return
        if record.state is FaultState.FIRED:
            self._record(record)
        if not self._tally.note(record):
            return
        state = record.state.name.lower()
        where = f' in {record.stage}' if record.stage else ''
        text = f"fault '{record.id}' {state}{where} of {event.node}: {record.detail}"
        # rclpy lets one line of code log with one severity only.
        if record.state is FaultState.REJECTED:
            self.get_logger().warning(text)
        else:
            self.get_logger().info(text)
        if self._playback is not None:
            self._playback.answered(record.id, record.state)
        self._status.publish()

    def _record(self, record: FaultRecord) -> None:
        if self._trace is None:
            return
        try:
            self._trace.fired(record)
        except OSError as error:
            self.get_logger().error(f'no more faults are recorded: {error}')
            self._trace = None

    def _on_inject(
        self, request: InjectFault.Request, response: InjectFault.Response
    ) -> InjectFault.Response:
        command = request.command
        if command.action == FaultCommand.INJECT:
            command.id = command.id or f'inject-{uuid.uuid4().hex[:12]}'
        response.id = command.id
        try:
            if not self._allowed:
                raise FaultError(OFF)
            if command.action == FaultCommand.CLEAR:
                self._clear(command, response)
                return response
            fault = command_to_fault(command)
            if fault.id in self._ids:
                raise FaultError(f"id '{fault.id}' was used before; every fault needs its own")
            if not self._somebody_listens():
                raise FaultError(NOBODY)
            self._publish(fault)
        except FaultError as error:
            response.message = str(error)
            self.get_logger().warning(f"request '{command.id}' refused: {error}")
        else:
            response.accepted = True
        return response

    def _somebody_listens(self) -> bool:
        """Wait a little for the first; what is due meanwhile has nobody to hear it either."""
        until = time.monotonic() + DISCOVERY_S
        while not self._commands.get_subscription_count():
            if time.monotonic() >= until:
                return False
            time.sleep(POLL_S)
        return True

    def _clear(self, command: FaultCommand, response: InjectFault.Response) -> None:
        """Have every target clear the fault; those that have none say so."""
        command.stamp = self.get_clock().now().to_msg()
        self._commands.publish(command)
        response.accepted = True

    def _own(self) -> Status:
        playback, now = self._playback, time.monotonic()
        values: dict[str, Value] = {
            'fault_injection': self._allowed,
            'listeners': self._commands.get_subscription_count(),
            'scenario': self._path,
            **self._tally.counts(),
            'finished': playback is not None and playback.finished(now),
        }
        if playback is not None:
            fault = playback.next_fault
            values['commanded'] = playback.commanded
            values['planned'] = playback.total
            values['unreported'] = playback.unreported
            values['next_fault'] = f'{fault.id} {fault.kind} {fault.stage}' if fault else ''
            if playback.started and fault is not None:
                values['next_in_s'] = playback.wait_s(now)
        return self._status.own(values)


def main(args: list[str] | None = None) -> int:
    """Run the node until SIGINT or SIGTERM; 0, or 2 when a parameter is not acceptable."""
    try:
        return run_node(InjectorNode, args)
    except FaultError as error:
        print(f'injector: {error}', file=sys.stderr)
        rclpy.try_shutdown()
        return 2


if __name__ == '__main__':
    sys.exit(main())
