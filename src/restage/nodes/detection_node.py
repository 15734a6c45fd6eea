# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The detection node: images in, detections out, staged, checkpointed, as primary or standby."""

from __future__ import annotations

import os
import sys
import time
import traceback
from collections.abc import Iterator
from functools import partial
from typing import Any

from lifecycle_msgs.msg import State as LifecycleStateMessage
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn
from restage_msgs.msg import Heartbeat, StageStatus
from restage_msgs.srv import CommandRecovery
from sensor_msgs.msg import Image
from vision_msgs.msg import Detection2DArray, LabelInfo

from restage.cameras import Cameras
from restage.checkpoint.control import Control
from restage.checkpoint.errors import StoreError
from restage.checkpoint.folder import open_store, sign_off, store_folder
from restage.checkpoint.host import HOST
from restage.diagnosis.detection import Frames
from restage.diagnosis.status import Level, Status
from restage.nodes.detection_items import detection_items
from restage.nodes.detection_options import declare_all, read_options
from restage.nodes.detection_outlet import DetectionOutlet
from restage.nodes.detection_troubles import Troubles
from restage.nodes.diagnostics import Diagnostics
from restage.nodes.fault_hook import fault_hook
from restage.nodes.fault_port import FaultPort
from restage.nodes.garbage import keep_for_good
from restage.nodes.heartbeat import HeartbeatPublisher
from restage.nodes.image_intake import ImageIntake
from restage.nodes.inference import Inference
from restage.nodes.later import Later
from restage.nodes.logged_transition import logged
from restage.nodes.lost_context import end_if_lost
from restage.nodes.messages import label_info
from restage.nodes.orders import Promotion, order_of
from restage.nodes.qos import EVENTS, LATCHED, image_qos
from restage.nodes.spin import FAILED, run_node
from restage.nodes.stamps import from_ns
from restage.nodes.steady import steady_timer
from restage.nodes.unusable import UnusableMessageError
from restage.nodes.workbench import Workbench, make_workbench
from restage.stages.commands import Order
from restage.stages.loading import load_model
from restage.stages.reports import StageReport

Return = TransitionCallbackReturn
# A model is loaded in transitions: a GPU may be lost in them.
_logged = partial(logged, unforeseen=end_if_lost)


class DetectionNode(LifecycleNode):
    """
    A lifecycle node; the recovery node configures it and gives it its role.

    INACTIVE it is a standby: model loaded and warm, newest frames kept. ACTIVE it is the primary.
    """

    def __init__(self) -> None:
        super().__init__('detection')
        declare_all(self)
        self._inference: Inference | None = None
        self._bench: Workbench | None = None
        self._frames = Frames()
        self._outlet: DetectionOutlet | None = None
        self._promotion: Promotion | None = None
        self._cameras = Cameras()
        self._intake = ImageIntake(self._report_lost)
        self._store = store_folder(self.get_namespace())
        self._has_store = False
        self._status = self.create_publisher(StageStatus, 'stage_status', EVENTS)
        self._labels = self.create_publisher(LabelInfo, 'label_info', LATCHED)
        self._diagnostics = Diagnostics(self, self._items)
        self._heartbeat = HeartbeatPublisher(self, self._fill_heartbeat)
        self._later = Later(self)
        self._troubles = Troubles(self.get_logger(), self._later, self._diagnostics.update)
        self._faults = FaultPort(self, self._role_name, self._later)
        self._images: list[Any] = []
        self._detections: list[Any] = []
        self.create_service(CommandRecovery, '~/recover', self._on_command)
        if self.get_parameter('autostart').value:
            self._starter = steady_timer(self, 0.0, self._autostart)
        self._diagnostics.set(Level.WARN, 'unconfigured')
        self._heartbeat.publish()

    # Lifecycle

    @_logged
    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Load and warm the model, attach to the store, subscribe to images."""
        self._release()
        options = read_options(self)
        qos = image_qos(options.reliability)
        self._cameras = options.cameras
        self._detections = [
            self.create_lifecycle_publisher(
                Detection2DArray, self._cameras.topic(number, 'detections'), EVENTS
            )
            for number in range(len(self._cameras))
        ]
        control = self._find_store()
        store = self._store if control is not None else None
        self._outlet = DetectionOutlet(
            self.get_name(),
            self._detections,
            self._status,
            control,
            self._troubles.reported,
            self._later,
            self._troubles.not_kept,
        )
        bench = make_workbench(
            lambda: load_model(options.model, options.device),
            options,
            partial(fault_hook, self._faults),
            self._outlet,
            node_name=self.get_name(),
            store=store,
        )
        if control is not None and not control.is_of(self._store):
            # Its epoch would never be raised: all that this node has to say would be fenced.
            raise StoreError('the checkpoint store was made anew while the model was loaded')
        keep_for_good()
        self._inference = Inference(
            bench,
            self._outlet,
            queue_depth=options.queue_depth,
            image_deadline_s=options.image_deadline_s,
            shadow_percent=options.shadow_cpu_percent,
            store=store,
            log=self._failed,
            found=self._troubles.found,
        )
        self._bench = bench
        self._faults.note = self._inference.keeper.note_fault
        self._labels.publish(label_info(bench.model.class_names))
        for number in range(len(self._cameras)):
            receiver = self._intake.receiver(self._inference.queue, self._cameras, number)
            topic = self._cameras.topic(number, 'image_raw')
            self._images.append(self.create_subscription(Image, topic, receiver, qos))
        self._diagnostics.set(Level.OK, 'standby: model loaded and warm')
        self._heartbeat.soon()
        return super().on_configure(state)

    @_logged
    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Become primary, as ordered; without a store, because somebody activated the node."""
        assert self._inference is not None
        assert self._outlet is not None
        if self._promotion is None and self._has_store:
            self.fail(
                'activate: the recovery node decides which detection node is active; '
                'call ~/recover with tier PROMOTE, or run without a recovery node'
            )
            return Return.FAILURE
        result = super().on_activate(state)
        order = self._promotion or Promotion(epoch=0)
        self._promotion = None
        self._outlet.epoch = order.epoch
        self._inference.promote(order)
        self._diagnostics.set(Level.OK, f'primary, epoch {order.epoch}')
        self._heartbeat.soon()
        return result

    @_logged
    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Become standby."""
        if self._inference is not None:
            self._inference.queue.demote()
        self._diagnostics.set(Level.OK, 'standby: model loaded and warm')
        self._heartbeat.soon()
        return super().on_deactivate(state)

    @_logged
    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Let go of the model and the store."""
        self._release()
        self._diagnostics.set(Level.WARN, 'unconfigured')
        self._heartbeat.soon()
        return super().on_cleanup(state)

    @_logged
    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Let go of everything."""
        self._release()
        return super().on_shutdown(state)

    def fail(self, message: str) -> None:
        """Say clearly that something the user asked for did not work; stay alive."""
        self.get_logger().error(message)
        self._diagnostics.set(Level.ERROR, message)

    def close(self) -> None:
        """End the inference thread; remove the store if this is the last process that uses it."""
        self._release()
        self._diagnostics.close()
        if self._has_store:
            sign_off(self._store)

    def _failed(self, text: str) -> None:
        """Log a failure of the inference thread, unless ROS has just ended under its feet."""
        if self.context.ok():
            self.get_logger().error(text)

    def _release(self) -> None:
        for subscription in self._images:
            self.destroy_subscription(subscription)
        self._images = []
        if self._inference is not None:
            self._inference.stop()
            self._inference = self._bench = None
        for publisher in self._detections:
            self.destroy_lifecycle_publisher(publisher)
        self._detections = []

    def _autostart(self) -> None:
        self.destroy_timer(self._starter)
        if self.trigger_configure() == Return.SUCCESS:
            self.trigger_activate()

    def _find_store(self) -> Control | None:
        """Return the control file if a recovery node has made a store for this node."""
        self._has_store = False
        if self.get_parameter('autostart').value:
            return None
        try:
            control = open_store(self._store)
            if control.host not in ('', HOST):  # containers may share their memory
                raise StoreError(f"the checkpoint store '{self._store}' is another host's")
        except StoreError as error:
            self.get_logger().warning(f'{error}: keeping checkpoints in this process only')
            return None
        self._has_store = True
        return control

    def _report_lost(self, report: StageReport) -> None:
        """Report a frame that never reached the engine; a standby loses nothing."""
        if self._outlet is not None and self._role() == Heartbeat.ROLE_PRIMARY:
            self._outlet.report(report)

    # Orders

    def _on_command(
        self, request: CommandRecovery.Request, response: CommandRecovery.Response
    ) -> CommandRecovery.Response:
        response.message = self._obey(request)
        response.accepted = not response.message
        return response

    def _obey(self, request: CommandRecovery.Request) -> str:
        """Carry an order out; return why not, or an empty string."""
        if self._inference is None:
            return 'the node is not configured'
        try:
            order = order_of(request, len(self._cameras))
        except UnusableMessageError as error:
            return str(error)
        if isinstance(order, Order):
            taken = self._inference.orders.give(order)
            return '' if taken else f'frame {order.stamp_ns} does not wait for an order (any more)'
        if self._role() != Heartbeat.ROLE_STANDBY:
            return 'only an inactive (standby) node can be promoted'
        self._promotion = order
        if self.trigger_activate() != Return.SUCCESS:
            self._promotion = None
            return 'the activate transition failed'
        return ''

    # What is told about the node

    def _lifecycle_state(self) -> int:
        return int(self._state_machine.current_state[0])

    def _role(self) -> int:
        roles = {
            LifecycleStateMessage.PRIMARY_STATE_ACTIVE: Heartbeat.ROLE_PRIMARY,
            LifecycleStateMessage.PRIMARY_STATE_INACTIVE: Heartbeat.ROLE_STANDBY,
        }
        return int(roles.get(self._lifecycle_state(), Heartbeat.ROLE_NONE))

    def _role_name(self) -> str:
        names = {Heartbeat.ROLE_PRIMARY: 'primary', Heartbeat.ROLE_STANDBY: 'standby'}
        return names.get(self._role(), '')

    def _fill_heartbeat(self, message: Heartbeat) -> None:
        message.role = self._role()
        message.state = self._lifecycle_state()
        message.frames_in = self._intake.received
        if self._outlet is not None:
            message.epoch = self._outlet.epoch
            message.frame = from_ns(self._outlet.newest_out_ns)
            message.frames_out = self._outlet.frames_out
            message.frames_dropped = sum(self._outlet.dropped.values())

    def _items(self) -> Iterator[Status]:
        yield self._diagnostics.own(
            {
                'lifecycle': self._state_machine.current_state[1],
                'role': self._role_name(),
                'epoch': self._outlet.epoch if self._outlet is not None else 0,
                'model': self.get_parameter('model').value,
                'fault_injection': self._faults.allowed,
                'shadow_runs': self._inference.shadow.runs if self._inference is not None else 0,
            }
        )
        now = time.monotonic_ns()
        yield self._frames.status(
            now,
            frames_in=self._intake.received,
            frames_out=self._outlet.frames_out if self._outlet is not None else 0,
            malformed=self._intake.malformed,
            last_malformed=self._intake.last_error,
            dropped=dict(self._outlet.dropped) if self._outlet is not None else {},
        )
        yield from detection_items(
            self._bench,
            self._troubles.findings,
            rate_in_hz=self._frames.received.hz,
            shared=self._has_store,
            alone=bool(self.get_parameter('autostart').value),
            failed=self._troubles.why_not_kept(now),
            now_ns=now,
        )


def main(args: list[str] | None = None) -> int:
    """Run the node until it is told to end."""
    try:
        status = run_node(DetectionNode, args)
    except Exception:
        traceback.print_exc()
        status = FAILED
    sys.stdout.flush()
    sys.stderr.flush()
    # All is closed; unloading PyTorch would take the interpreter two seconds more, in which nobody
    # knows that it is dead.
    os._exit(status)


if __name__ == '__main__':
    raise SystemExit(main())
