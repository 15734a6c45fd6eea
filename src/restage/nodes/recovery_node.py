# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The recovery node: owns the checkpoints, watches progress, orders and records the resume."""

from __future__ import annotations

import copy
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from rcl_interfaces.msg import SetParametersResult
from rclpy.event_handler import QoSLivelinessChangedInfo, SubscriptionEventCallbacks
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn
from rclpy.parameter import Parameter
from rclpy.qos import ReliabilityPolicy
from restage_msgs.msg import Heartbeat, RecoveryEvent, StageStatus
from restage_msgs.srv import GetReport
from sensor_msgs.msg import CameraInfo
from vision_msgs.msg import Detection2DArray

from restage.cameras import Cameras
from restage.checkpoint.adoption import left_by
from restage.checkpoint.errors import StoreError
from restage.checkpoint.folder import clean_stale, open_or_create, sign_off, store_folder
from restage.checkpoint.host import HOST
from restage.diagnosis.recovery import RecoveryStatuses, inactive, said_of
from restage.diagnosis.status import Level, Status
from restage.nodes.diagnostics import Diagnostics
from restage.nodes.heard import check_heartbeat, soft_error_of
from restage.nodes.later import Later
from restage.nodes.logged_transition import logged
from restage.nodes.qos import EVENTS, HEARTBEAT, LATCHED
from restage.nodes.recovery_messages import recovery_event
from restage.nodes.recovery_options import TICK_S, declare_all, policy_called, read_options
from restage.nodes.recovery_port import RecoveryPort
from restage.nodes.spin import run_node
from restage.nodes.stamps import frame_ns, of_serialized
from restage.nodes.steady import steady_timer
from restage.nodes.unusable import forgiving
from restage.recovery.case import RecoveryCase
from restage.recovery.coordinator import Coordinator

Return = TransitionCallbackReturn

# A node of another host that is silent for so long is lost once DDS has said that somebody is:
# half of the lease after which it does. A living one may miss a beat or two on a busy machine.
LOST_S = 0.5

# Heartbeats that were lost while a node was cut off are not sent again: the first one after that
# would wait for them, for up to 3 s, and orders would answer to what is long past.
_NEWS = copy.copy(HEARTBEAT)
_NEWS.reliability = ReliabilityPolicy.BEST_EFFORT


class RecoveryNode(LifecycleNode):
    """A lifecycle node around the coordinator; INACTIVE it holds the store but gives no orders."""

    def __init__(self) -> None:
        super().__init__('recovery')
        declare_all(self)
        self._store = store_folder(self.get_namespace())
        self._port: RecoveryPort | None = None
        self._coordinator: Coordinator | None = None
        self._cameras = Cameras()
        self._inputs: list[Any] = []
        # Deaths that were seen while this node was inactive.
        self._missed: list[tuple[str, int, str, str, int]] = []
        self._statuses = RecoveryStatuses()
        self._later = Later(self)
        self._events = self.create_publisher(RecoveryEvent, 'recovery_events', LATCHED)
        self._diagnostics = Diagnostics(self, self._items)
        self.create_service(GetReport, '~/get_report', self._on_get_report)
        self.add_on_set_parameters_callback(self._on_parameters)
        self._ticker = steady_timer(self, TICK_S, self._tick)
        if self.get_parameter('autostart').value:
            self._starter = steady_timer(self, 0.0, self._autostart)

    # Lifecycle

    @logged
    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Take ownership of the store; refuse clearly when there is no room for it."""
        self._release()
        try:
            options = read_options(self)
            removed = clean_stale(self._store)
            if removed:
                self.get_logger().info(f'removed the stores of dead systems: {", ".join(removed)}')
            control = open_or_create(self._store, options.detectors, options.store_bytes)
            control.host = HOST
        except (ValueError, StoreError, OSError) as error:
            self.fail(str(error))
            return Return.FAILURE
        self._port = RecoveryPort(
            self,
            store=self._store,
            control=control,
            options=options,
            finished=self._finished,
        )
        self._cameras = options.coordinator.cameras
        left = left_by(self._store, options.detectors, control)
        self._coordinator = Coordinator(
            options.detectors,
            self._port,
            replace(
                options.coordinator,
                lost_ticks=round(LOST_S / TICK_S),
                epoch=left.epoch,
                adopt=left.adopt,
                ended_of=left.ended_of,
            ),
        )
        self._port.on_death = self._died
        self._port.silent_ticks = self._coordinator.silent_ticks
        self._port.on_refused = self._coordinator.on_refused
        for node, pid, epoch in left.living:
            self._coordinator.adopt(node, pid, epoch)
        return super().on_configure(state)

    @logged
    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Begin to listen to the detection nodes and to give orders."""
        assert self._coordinator is not None
        assert self._port is not None
        # Only their stamps matter here: they are taken serialized.
        self._inputs = [
            *(self._hear_camera(number) for number in range(len(self._cameras))),
            *(self._hear_detections(number) for number in range(len(self._cameras))),
            self.create_subscription(
                StageStatus,
                'stage_status',
                forgiving(self, 'stage_status', self._on_status),
                EVENTS,
            ),
            self.create_subscription(
                Heartbeat,
                'heartbeat',
                forgiving(self, 'heartbeat', self._on_heartbeat),
                _NEWS,
                event_callbacks=SubscriptionEventCallbacks(liveliness=self._on_liveliness),
            ),
        ]
        self._coordinator.listen(time.monotonic_ns())
        while self._missed:
            self._coordinator.on_death(*self._missed.pop(0))
        self._port.leads = True
        self._diagnostics.set(Level.OK, 'watching')
        return super().on_activate(state)

    @logged
    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Stop listening; nobody is judged or replaced from now on."""
        self._stop_listening()
        self._diagnostics.set(Level.WARN, 'inactive: errors are not recovered from')
        return super().on_deactivate(state)

    @logged
    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Let go of the detection nodes; the store stays while they use it."""
        self._release()
        return super().on_cleanup(state)

    @logged
    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Let go of everything."""
        self._release()
        return super().on_shutdown(state)

    def fail(self, message: str) -> None:
        """Say clearly that something the user asked for did not work; stay alive."""
        self.get_logger().error(message)
        self._diagnostics.set(Level.ERROR, message)

    def close(self) -> None:
        """End the watch; remove the store if this is the last process that uses it."""
        self._release()
        self._diagnostics.close()
        sign_off(self._store)

    def _release(self) -> None:
        self._stop_listening()
        if self._port is not None:
            self._port.close(self)
            self._port = None
        self._coordinator = None
        self._missed = []

    def _stop_listening(self) -> None:
        if self._port is not None:
            self._port.leads = False
        for subscription in self._inputs:
            self.destroy_subscription(subscription)
        self._inputs = []

    def _autostart(self) -> None:
        self.destroy_timer(self._starter)
        if self.trigger_configure() == Return.SUCCESS:
            self.trigger_activate()

    # What is heard

    def _hear_camera(self, camera: int) -> Any:
        def hear(message: bytes) -> None:
            if self._coordinator is not None:
                key = self._cameras.key(of_serialized(message), camera)
                self._coordinator.on_published(key)

        topic = self._cameras.topic(camera, 'camera_info')
        heard = forgiving(self, topic, hear)
        return self.create_subscription(CameraInfo, topic, heard, EVENTS, raw=True)

    def _hear_detections(self, camera: int) -> Any:
        def hear(message: bytes) -> None:
            now = time.monotonic_ns()
            if self._coordinator is not None:
                key = self._cameras.key(of_serialized(message), camera)
                self._coordinator.on_detected(key, now)

        topic = self._cameras.topic(camera, 'detections')
        heard = forgiving(self, topic, hear)
        return self.create_subscription(Detection2DArray, topic, heard, EVENTS, raw=True)

    def _on_heartbeat(self, message: Heartbeat) -> None:
        check_heartbeat(message)
        if self._coordinator is not None:
            self._coordinator.on_heartbeat(
                message.node,
                message.pid,
                message.state,
                message.epoch,
                remote=message.host != HOST,
            )
            self._diagnostics.update()

    def _on_liveliness(self, change: QoSLivelinessChangedInfo) -> None:
        """
        Hear from DDS that a detection node is silent, or gone; on this host that is no news.

        One that ends in good order is no longer alive without ever being "not alive", and what
        happened since the last time comes as a sum: one lost and one found make zero.
        """
        lost = change.not_alive_count_change > 0 or change.alive_count_change <= 0
        if self._coordinator is not None and lost:
            self._coordinator.on_peers_lost(time.monotonic_ns())

    def _died(self, node: str, pid: int, detector: str, why: str, seen_ns: int) -> None:
        """Hear of a death, in the thread that saw it; say so once the order about it is out."""
        if self._coordinator is not None and self._inputs:
            self._coordinator.on_death(node, pid, detector, why, seen_ns)
            self._later.soon(self._diagnostics.update)
        else:
            self._missed.append((node, pid, detector, why, seen_ns))

    def _on_status(self, message: StageStatus) -> None:
        if self._coordinator is None:
            return
        stamp_ns = frame_ns(message.header.stamp)
        if message.state == StageStatus.ERROR:
            self._coordinator.on_soft_error(soft_error_of(message))
        elif message.state == StageStatus.RESUMED:
            self._coordinator.on_resumed(
                message.node,
                stamp_ns,
                message.checkpoint,
                message.restored_ns,
                message.monotonic_ns,
            )
        elif message.state == StageStatus.DROPPED:
            self._coordinator.on_dropped(stamp_ns, message.detector, message.error)

    def _tick(self) -> None:
        if self._coordinator is None or self._port is None or not self._inputs:
            return
        self._port.flush()
        self._coordinator.tick(time.monotonic_ns())
        self._diagnostics.update()

    def _on_parameters(self, parameters: list[Parameter]) -> SetParametersResult:
        """Change the policy at once; everything else is read at the next configure."""
        for parameter in parameters:
            if parameter.name == 'recovery_policy':
                try:
                    policy = policy_called(str(parameter.value))
                except ValueError as error:
                    return SetParametersResult(successful=False, reason=str(error))
                if self._coordinator is not None:
                    self._coordinator.policy = policy
        return SetParametersResult(successful=True)

    # What is told

    def _finished(self, case: RecoveryCase) -> None:
        self._events.publish(recovery_event(case))
        self.get_logger().info(said_of(case))
        self._later.soon(self._diagnostics.update)

    def _on_get_report(
        self, _request: GetReport.Request, response: GetReport.Response
    ) -> GetReport.Response:
        if self._coordinator is not None:
            ledger = self._coordinator.ledger
            # Copies: the thread that watches the processes changes both.
            cases, lost = tuple(self._coordinator.cases.closed), dict(ledger.lost)
            response.recoveries = [recovery_event(case) for case in cases]
            response.frames_published = ledger.published
            response.frames_detected = ledger.detected
            response.frames_lost = sum(lost.values())
            response.loss_reasons = list(lost)
            response.loss_counts = list(lost.values())
        return response

    def _items(self) -> Iterator[Status]:
        yield self._diagnostics.own({'store': str(self._store)})
        if self._coordinator is None or self._port is None or not self._inputs:
            yield from inactive()
            return
        now = time.monotonic_ns()
        yield from self._statuses.of(self._coordinator, now, excused=self._port.excused)


def main(args: list[str] | None = None) -> int:
    """Run the node until it is told to end."""
    return run_node(RecoveryNode, args)


if __name__ == '__main__':
    raise SystemExit(main())
