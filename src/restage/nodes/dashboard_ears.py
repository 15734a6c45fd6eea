# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What the dashboard subscribes to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
from rclpy.event_handler import SubscriptionEventCallbacks
from rclpy.node import Node
from rclpy.subscription import Subscription
from restage_msgs.msg import FaultEvent, Heartbeat, RecoveryEvent, StageStatus
from sensor_msgs.msg import CameraInfo, Image
from vision_msgs.msg import Detection2DArray, LabelInfo

from restage.camera.convert import message_to_bgr
from restage.camera.errors import ImageError
from restage.camera.frame import BgrImage
from restage.cameras import Cameras
from restage.dashboard.board import Board
from restage.dashboard.pictures import Pictures
from restage.nodes.dashboard_messages import (
    beat_of,
    boxes_of,
    diagnosis_of,
    mark_of,
    news_of,
    recovery_of,
)
from restage.nodes.qos import EVENTS, LATCHED, image_qos
from restage.nodes.stamps import of_serialized, to_ns
from restage.nodes.steady import steady_timer
from restage.nodes.unusable import UnusableMessageError
from restage.nodes.wire import deserialized

# How often to look for whose picture is wanted.
LOOK_S = 0.25


class Ears:
    """
    Feeds the board and the pictures.

    Images are subscribed to only while somebody watches them and the camera is heard of: a camera
    node that waits for its subscribers must not take this one for a detector. They come best
    effort, so that they never hold up who sends them, and are unpacked only if they are shown.
    """

    def __init__(
        self,
        node: Node,
        cameras: Cameras,
        board: Board,
        pictures: Pictures,
        watched: Callable[[], set[int]],
    ) -> None:
        """Subscribe with ``node``; ``watched`` returns the cameras whose picture is wanted."""
        self._node = node
        self._cameras = cameras
        self._board = board
        self._pictures = pictures
        self._watched = watched
        self._namespace = node.get_namespace().strip('/')
        self._names: dict[str, str] = {}
        self._images: dict[int, Subscription[Image]] = {}
        self._image_qos = image_qos('best_effort', depth=1)
        self._lost = SubscriptionEventCallbacks(
            message_lost=lambda event: board.missed(event.total_count_change)
        )
        for number in range(len(cameras)):
            self._hear_camera(number)
        self._hear(Heartbeat, 'heartbeat', lambda heard: board.beat(beat_of(heard)))
        self._hear(StageStatus, 'stage_status', lambda heard: board.stage(mark_of(heard)))
        self._hear(FaultEvent, 'fault_events', lambda heard: board.fault(news_of(heard)))
        self._hear(
            RecoveryEvent,
            'recovery_events',
            lambda heard: board.recovery(recovery_of(heard)),
            LATCHED,
        )
        self._hear(DiagnosticArray, '/diagnostics', self._on_diagnostics)
        self._hear(LabelInfo, 'label_info', self._on_labels, LATCHED)
        steady_timer(node, LOOK_S, self._look)

    def _hear(
        self, kind: Any, topic: str, callback: Callable[[Any], None], qos: Any = EVENTS
    ) -> None:
        self._node.create_subscription(kind, topic, callback, qos)

    def _hear_camera(self, camera: int) -> None:
        def on_info(message: bytes) -> None:
            key = self._cameras.key(of_serialized(message), camera)
            self._board.published(camera, key)

        def on_detections(message: Detection2DArray) -> None:
            key = self._cameras.key(to_ns(message.header.stamp), camera)
            self._board.detected(camera, key)
            if camera in self._images:
                self._pictures.detected(camera, key, boxes_of(message, self._names))

        self._node.create_subscription(
            CameraInfo,
            self._cameras.topic(camera, 'camera_info'),
            on_info,
            EVENTS,
            raw=True,
            event_callbacks=self._lost,
        )
        self._node.create_subscription(
            Detection2DArray,
            self._cameras.topic(camera, 'detections'),
            on_detections,
            EVENTS,
            event_callbacks=self._lost,
        )

    def _on_diagnostics(self, message: DiagnosticArray) -> None:
        for status in message.status:
            diagnosis = diagnosis_of(status, self._namespace)
            if diagnosis is not None:
                self._board.diagnosis(diagnosis)

    def _on_labels(self, message: LabelInfo) -> None:
        self._names = {str(entry.class_id): entry.class_name for entry in message.class_map}

    def _look(self) -> None:
        """Subscribe to the images that are wanted, and to no others."""
        wanted = {camera for camera in self._watched() if self._board.camera_alive(camera)}
        for camera in wanted - set(self._images):
            self._images[camera] = self._node.create_subscription(
                Image,
                self._cameras.topic(camera, 'image_raw'),
                self._image_callback(camera),
                self._image_qos,
                raw=True,
            )
        for camera in set(self._images) - wanted:
            self._node.destroy_subscription(self._images.pop(camera))

    def _image_callback(self, camera: int) -> Callable[[bytes], None]:
        def on_image(message: bytes) -> None:
            if self._pictures.due(camera):
                key = self._cameras.key(of_serialized(message), camera)
                self._pictures.offer(camera, key, lambda: _decode(message))

        return on_image


def _decode(message: bytes) -> BgrImage:
    try:
        image = deserialized(message, Image)
    except UnusableMessageError as error:
        raise ImageError(f'the image is damaged: {error}') from None
    return message_to_bgr(image)
