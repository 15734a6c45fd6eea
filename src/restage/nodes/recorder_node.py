# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The recorder: writes what the system says as a rosbag2 (MCAP), and never slows it."""

from __future__ import annotations

import os
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from diagnostic_msgs.msg import DiagnosticArray
from rclpy.node import Node
from rclpy.qos import QoSProfile, ReliabilityPolicy
from rclpy.subscription import Subscription
from restage_msgs.msg import FaultCommand, FaultEvent, Heartbeat, RecoveryEvent, StageStatus
from sensor_msgs.msg import CameraInfo, Image
from vision_msgs.msg import Detection2DArray, LabelInfo

from restage.cameras import Cameras
from restage.diagnosis.status import Level, Value
from restage.nodes.diagnostics import Diagnostics
from restage.nodes.offered_qos import any_best_effort, offered_qos
from restage.nodes.parameters import cameras_of, declare, declare_cameras
from restage.nodes.qos import EVENTS, LATCHED, RELIABILITIES, image_qos
from restage.nodes.spin import run_node
from restage.nodes.steady import steady_timer
from restage.recording.channel import Channel
from restage.recording.errors import RecordingError
from restage.recording.intake import Item
from restage.recording.recorder import Recorder
from restage.recording.run_description import completed
from restage.recording.settings import RecordSettings

if TYPE_CHECKING:  # Jazzy has no such name
    from rclpy.subscription import MessageInfo

# Behind everything that detects objects.
NICENESS = 10
# Images that may wait in the middleware, 22 MB at 640 x 384.
IMAGE_DEPTH = 30
CHECK_S = 1.0


class RecorderNode(Node):
    """
    Records the topics of one system in the form in which they come (CDR).

    It outlives a recording that cannot be made or goes wrong: /diagnostics says so.
    """

    def __init__(self) -> None:
        super().__init__('recorder')
        self._recorder: Recorder | None = None
        self._channels: dict[str, Channel] = {}
        declare_cameras(self)
        reliability = declare(
            self,
            'reliability',
            RELIABILITIES[0],
            'QoS reliability of the images; best_effort is found out by itself.',
            read_only=True,
        )
        self._problem = self._begin()
        self._images: dict[str, Subscription[Image]] = {}
        for number in range(len(cameras_of(self))):
            self._subscribe_to_camera(cameras_of(self), number, reliability)
        for kind, topic, qos in (
            (FaultCommand, 'fault_commands', EVENTS),
            (FaultEvent, 'fault_events', EVENTS),
            (RecoveryEvent, 'recovery_events', LATCHED),
            (StageStatus, 'stage_status', EVENTS),
            (Heartbeat, 'heartbeat', EVENTS),
            (LabelInfo, 'label_info', LATCHED),
            (DiagnosticArray, '/diagnostics', EVENTS),
        ):
            self._subscribe(kind, topic, qos)
        self._status = Diagnostics(self, lambda: [self._status.own(self._values())])
        self._check()
        steady_timer(self, CHECK_S, self._check)

    def close(self) -> None:
        """End the recording."""
        if self._recorder is not None and not self._recorder.close():
            self.get_logger().error('the recording was not ended in time; it can be read')
        self._status.close()

    def _begin(self) -> str:
        """Begin the recording; return what is wrong, if anything."""
        given = {
            item.name: declare(
                self,
                item.name,
                item.default,
                item.metadata['description'],
                low=item.metadata['low'],
                high=item.metadata['high'],
                read_only=True,
            )
            for item in fields(RecordSettings)
        }
        run = declare(
            self, 'run', '{}', 'What is known of the run (JSON); kept in it.', read_only=True
        )
        try:
            settings = RecordSettings(**given)
            self._recorder = Recorder(settings, completed(run), self.get_namespace())
        except RecordingError as error:
            self.get_logger().error(f'nothing is recorded: {error}')
            return f'nothing is recorded: {error}'
        self.get_logger().info(f'recording to {settings.path}, images: {settings.images}')
        return ''

    def _subscribe_to_camera(self, cameras: Cameras, number: int, reliability: str) -> None:
        if self.get_parameter('images').value != 'none':
            self._subscribe_to_images(cameras.topic(number, 'image_raw'), reliability)
        self._subscribe(CameraInfo, cameras.topic(number, 'camera_info'), EVENTS)
        self._subscribe(Detection2DArray, cameras.topic(number, 'detections'), EVENTS)

    def _subscribe_to_images(self, topic: str, reliability: str) -> None:
        old = self._images.pop(topic, None)
        if old is not None:
            self.destroy_subscription(old)
        qos = image_qos(reliability, IMAGE_DEPTH)
        self._images[topic] = self._subscribe(Image, topic, qos)

    def _subscribe(self, kind: Any, topic: str, qos: QoSProfile) -> Subscription[Any]:
        name = self.resolve_topic_name(topic)
        msgtype = f'{kind.__module__.split(".")[0]}/msg/{kind.__name__}'
        channel = self._channels.setdefault(name, Channel(name, msgtype, image=kind is Image))

        def receive(data: bytes, info: MessageInfo) -> None:
            self._receive(channel, data, info)

        return self.create_subscription(kind, topic, receive, qos, raw=True)

    def _receive(self, channel: Channel, data: bytes, info: MessageInfo) -> None:
        recorder = self._recorder
        if recorder is None:
            return
        if not channel.offered:
            channel.offered = offered_qos(self, channel.topic)
        # Jazzy does not say who has published: then no gaps are seen.
        gid, number = info.get('publisher_gid'), info['publication_sequence_number']
        if gid is not None and number is not None:
            recorder.gaps.note(channel.topic, gid['data'], number)
        recorder.put(Item(channel, info['received_timestamp'], info['source_timestamp'], data))

    def _check(self) -> None:
        """Listen to best-effort cameras too, and say how the recording is doing."""
        for topic in list(self._images):
            reliable = self._images[topic].qos_profile.reliability == ReliabilityPolicy.RELIABLE
            if reliable and any_best_effort(self, topic):
                self.get_logger().info(f'{topic} is offered as best effort: recorded as such')
                self._subscribe_to_images(topic, 'best_effort')
        recorder = self._recorder
        if recorder is None or recorder.problem:
            self._status.set(Level.ERROR, self._problem or (recorder.problem if recorder else ''))
            return
        lost = sum(recorder.intake.dropped.values()) + sum(recorder.gaps.missing.values())
        level, text = (Level.WARN, 'messages were lost') if lost else (Level.OK, 'recording')
        self._status.set(level, text)

    def _values(self) -> dict[str, Value]:
        recorder = self._recorder
        if recorder is None:
            return {}
        values: dict[str, Value] = {
            'path': self.get_parameter('path').value,
            'written_mb': round(recorder.written_bytes / 1e6, 1),
            'detections': sum(
                count
                for topic, count in recorder.counts()['written'].items()
                if topic.endswith('/detections')
            ),
            'waiting_mb': round(recorder.intake.waiting_bytes / 1e6, 1),
        }
        for what, counts in recorder.counts().items():
            values[what] = sum(counts.values())
            if what != 'written':
                values |= {f'{what}[{topic}]': count for topic, count in counts.items()}
        return values


def main(args: list[str] | None = None) -> int:
    """Run the node until SIGINT or SIGTERM."""
    os.nice(NICENESS)
    return run_node(RecorderNode, args)


if __name__ == '__main__':
    raise SystemExit(main())
