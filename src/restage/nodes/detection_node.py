# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The detection node: images in, detections out, staged, checkpointed, as primary or standby."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from functools import wraps
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
from restage.diagnosis.detection import GRAVE, Frames
from restage.diagnosis.findings import Findings
from restage.diagnosis.flow import RECENT_NS
from restage.diagnosis.status import Level, Status
from restage.nodes.detection_items import detection_items
from restage.nodes.detection_options import declare_all, read_options
from restage.nodes.detection_outlet import DetectionOutlet
from restage.nodes.diagnostics import Diagnostics
from restage.nodes.fault_port import FaultPort
from restage.nodes.garbage import keep_for_good
from restage.nodes.heartbeat import HeartbeatPublisher
from restage.nodes.host import HOST
from restage.nodes.image_intake import ImageIntake
from restage.nodes.inference import Inference
from restage.nodes.later import Later
from restage.nodes.lost_context import end_if_lost
from restage.nodes.messages import label_info
from restage.nodes.qos import EVENTS, LATCHED, image_qos
from restage.nodes.spin import run_node
from restage.nodes.stamps import from_ns, to_ns
from restage.nodes.workbench import Workbench, make_workbench
from restage.stages.commands import Order, Tier
from restage.stages.frame import ResumeJob
from restage.stages.loading import load_model
from restage.stages.reports import ReportState, StageReport
from restage.stages.runner import StageError

Return = TransitionCallbackReturn

_IN_PLACE = {
    CommandRecovery.Request.RETRY_STAGE: Tier.RETRY_STAGE,
    CommandRecovery.Request.RELOAD_WEIGHTS: Tier.RELOAD_WEIGHTS,
    CommandRecovery.Request.RELOAD_MODEL: Tier.RELOAD_MODEL,
    CommandRecovery.Request.DROP_FRAME: Tier.DROP_FRAME,
}
Transition = Callable[[Any, LifecycleState], TransitionCallbackReturn]


def _logged(transition: Transition) -> Transition:
    """Log what a transition raises, which rclpy would swallow, and let it fail."""

    @wraps(transition)
    def wrapper(node: DetectionNode, state: LifecycleState) -> TransitionCallbackReturn:
        try:
            return transition(node, state)
        except (ValueError, StoreError, OSError) as error:
            node.fail(f'{transition.__name__.removeprefix("on_")}: {error}')
        except Exception as error:
            node.fail(f'{transition.__name__}: {type(error).__name__}: {error}')
            end_if_lost(error)
        return Return.FAILURE

    return wrapper


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
        self._findings = Findings(GRAVE)
        self._frames = Frames()
        # Why the last checkpoint could not be made, and when.
        self._unkept = ('', 0)
        self._outlet: DetectionOutlet | None = None
        self._promotion: tuple[int, list[int], ResumeJob | None] | None = None
        self._cameras = Cameras()
        self._intake = ImageIntake(self._report_lost)
        self._store = store_folder(self.get_namespace())
        self._has_store = False
        self._status = self.create_publisher(StageStatus, 'stage_status', EVENTS)
        self._labels = self.create_publisher(LabelInfo, 'label_info', LATCHED)
        self._diagnostics = Diagnostics(self, self._items)
        self._heartbeat = HeartbeatPublisher(self, self._fill_heartbeat)
        self._later = Later(self)
        self._faults = FaultPort(self, self._role_name, self._later)
        self._images: list[Any] = []
        self._detections: list[Any] = []
        self.create_service(CommandRecovery, '~/recover', self._on_command)
        if self.get_parameter('autostart').value:
            self._starter = self.create_timer(0.0, self._autostart)
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
            self._on_error,
            self._later,
            self._warn,
        )
        bench = make_workbench(
            lambda: load_model(options.model, options.device),
            options,
            self._faults.hook,
            self._outlet,
            node_name=self.get_name(),
            store=store,
        )
        keep_for_good()
        self._inference = Inference(
            bench,
            self._outlet,
            queue_depth=options.queue_depth,
            image_deadline_s=options.image_deadline_s,
            shadow_percent=options.shadow_cpu_percent,
            store=store,
            log=self._failed,
            found=self._found,
        )
        self._bench = bench
        self._faults.keeper = self._inference.keeper
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
        epoch, after, resume = self._promotion or (0, [], None)
        self._promotion = None
        self._outlet.epoch = epoch
        self._inference.promote(epoch, after, resume)
        self._diagnostics.set(Level.OK, f'primary, epoch {epoch}')
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

    def _on_error(self, report: StageReport) -> None:
        what = 'dropped' if report.state is ReportState.DROPPED else f'error in {report.stage}'
        text = f'frame {report.stamp_ns}: {what}: {report.detector}: {report.error}'
        self.get_logger().warning(text, throttle_duration_sec=0.5)
        if report.state is ReportState.ERROR:
            where = f'stage {report.stage}: {report.error}'
            self._findings.note(report.detector, where, report.monotonic_ns)
        self._diagnostics.update()

    def _found(self, error: StageError) -> None:
        """Hear of an error in a shadow run, from the inference thread."""
        self._findings.note(error.detector, f'{error.stage}: {error.message}', error.seen_ns)
        self._later.soon(self._diagnostics.update)

    def _warn(self, text: str) -> None:
        """Hear that a checkpoint could not be made, from the inference thread."""
        self.get_logger().warning(text, throttle_duration_sec=5.0)
        known = self._not_kept(time.monotonic_ns()) == text
        self._unkept = (text, time.monotonic_ns())
        if not known:
            self._later.soon(self._diagnostics.update)

    def _not_kept(self, now_ns: int) -> str:
        """Return why checkpoints could not be made lately, or an empty string."""
        text, at_ns = self._unkept
        return text if now_ns - at_ns < RECENT_NS else ''

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
        stamp_ns = to_ns(request.frame)
        if request.tier in _IN_PLACE:
            order = Order(stamp_ns, _IN_PLACE[request.tier], request.boundary)
            taken = self._inference.orders.give(order)
            return '' if taken else f'frame {stamp_ns} does not wait for an order (any more)'
        if request.tier not in (request.FAILOVER, request.PROMOTE):
            return f'unknown tier {request.tier}; accepted: 0 to 5, see CommandRecovery.srv'
        if self._role() != Heartbeat.ROLE_STANDBY:
            return 'only an inactive (standby) node can be promoted'
        after = [to_ns(stamp) for stamp in request.after]
        if after and len(after) != len(self._cameras):
            return (
                f'the order is about {len(after)} cameras, this node has {len(self._cameras)}: '
                'give all nodes the same cameras'
            )
        resume = None
        if request.tier == request.FAILOVER and request.has_frame:
            resume = ResumeJob(
                stamp_ns=stamp_ns, from_node=request.from_node, boundary=request.boundary
            )
        self._promotion = (request.epoch, after, resume)
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
            self._findings,
            rate_in_hz=self._frames.received.hz,
            shared=self._has_store,
            alone=bool(self.get_parameter('autostart').value),
            failed=self._not_kept(now),
            now_ns=now,
        )


def main(args: list[str] | None = None) -> int:
    """Run the node until it is told to end."""
    status = run_node(DetectionNode, args)
    sys.stdout.flush()
    sys.stderr.flush()
    # All is closed; unloading PyTorch would take the interpreter two seconds more.
    os._exit(status)


if __name__ == '__main__':
    raise SystemExit(main())
