# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The camera: plays a source as image_raw and camera_info, and says how it is doing."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import Field, fields, replace
from typing import Any

import cv2
from builtin_interfaces.msg import Time
from rcl_interfaces.msg import (
    FloatingPointRange,
    IntegerRange,
    ParameterDescriptor,
    SetParametersResult,
)
from rclpy.exceptions import InvalidParameterTypeException, InvalidParameterValueException
from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.qos import QoSProfile, ReliabilityPolicy, qos_profile_sensor_data
from sensor_msgs.msg import CameraInfo, Image
from std_msgs.msg import Header

from restage.camera.camera_info import Intrinsics
from restage.camera.convert import bgr_to_image_data
from restage.camera.frame import Frame
from restage.camera.player import Player
from restage.camera.settings import CameraSettings, check
from restage.camera.stream import StreamSnapshot, StreamState
from restage.diagnosis.status import Status
from restage.nodes.diagnostics import Diagnostics
from restage.nodes.spin import run_node

IMAGE_DEPTH = 10
INFO_DEPTH = 100
# How long the first frame waits for camera_info's subscriptions once image_raw's are matched.
INFO_MATCH_S = 2.0


class CameraNode(Node):
    """
    Publishes a source's frames; ``CameraSettings`` has the parameters.

    Frames are read and published in the player's thread; the executor only serves parameters
    and diagnostics. The node outlives its source: one that is bad, breaks or ends shows on
    /diagnostics, and setting any parameter that is not read-only starts anew.
    """

    def __init__(self) -> None:
        super().__init__('camera')
        self._player = Player(
            now_ns=lambda: int(self.get_clock().now().nanoseconds),
            send=self._send,
            ready=self._subscribers_ready,
            on_change=self._on_change,
            warn=lambda text: self.get_logger().warning(text),
        )
        self._settings = self._declare_parameters()
        if self._settings.frame_log:
            self._player.open_log(self._settings.frame_log)
        image_qos = QoSProfile(
            history=qos_profile_sensor_data.history,
            depth=IMAGE_DEPTH,
            durability=qos_profile_sensor_data.durability,
            reliability=ReliabilityPolicy[self._settings.reliability.upper()],
        )
        info_qos = QoSProfile(depth=INFO_DEPTH, reliability=ReliabilityPolicy.RELIABLE)
        self._images = self.create_publisher(Image, 'image_raw', image_qos)
        self._infos = self.create_publisher(CameraInfo, 'camera_info', info_qos)
        self._diagnostics = Diagnostics(self, self._items)
        self._images_matched_at: float | None = None
        self.add_on_set_parameters_callback(self._check_parameters)
        self.add_post_set_parameters_callback(self._apply_parameters)
        self._play()

    def close(self) -> None:
        """Stop publishing and close the files."""
        self._player.close()
        self._diagnostics.close()

    def _play(self) -> None:
        playing = self._player.play(self._settings)
        if playing:
            self.get_logger().info(f'playing {playing}')
        else:
            self.get_logger().error('; '.join(self._player.problems.values()))
        self._publish_status()

    def _declare_parameters(self) -> CameraSettings:
        """Declare all; a value that is not accepted becomes a problem of the player's."""
        accepted = {}
        for item in fields(CameraSettings):
            try:
                value = self.declare_parameter(item.name, item.default, _descriptor(item)).value
                check(item, value)
                accepted[item.name] = value
            except (InvalidParameterTypeException, InvalidParameterValueException) as error:
                self._player.problems[item.name] = str(error)
                self.declare_parameter(
                    item.name, item.default, _descriptor(item), ignore_override=True
                )
            except ValueError as error:
                self._player.problems[item.name] = str(error)
        return CameraSettings(**accepted)

    def _changed(self, parameters: list[Parameter]) -> CameraSettings | None:
        names = {item.name for item in fields(CameraSettings)}
        changes = {p.name: p.value for p in parameters if p.name in names}
        return replace(self._settings, **changes) if changes else None

    def _check_parameters(self, parameters: list[Parameter]) -> SetParametersResult:
        """Refuse values that are not accepted and sources that cannot be opened."""
        try:
            settings = self._changed(parameters)
            if settings is not None:
                self._player.prepare(settings)
        except ValueError as error:
            return SetParametersResult(successful=False, reason=str(error))
        return SetParametersResult(successful=True)

    def _apply_parameters(self, parameters: list[Parameter]) -> None:
        """Start anew with what ``_check_parameters`` prepared."""
        settings = self._changed(parameters)
        if settings is None:
            return
        self._settings = settings
        for name in ('source', *(parameter.name for parameter in parameters)):
            self._player.problems.pop(name, None)
        self._play()

    def _subscribers_ready(self) -> bool:
        """Tell whether enough subscriptions match image_raw, and all known of camera_info."""
        needed = self._settings.wait_for_subscribers
        if needed == 0:
            return True
        ready = False
        with self._ending_is_no_failure():
            if self._images.get_subscription_count() >= needed:
                now = time.monotonic()
                self._images_matched_at = self._images_matched_at or now
                known = self.count_subscribers(self._infos.topic_name)
                matched = self._infos.get_subscription_count()
                ready = matched >= known or now - self._images_matched_at > INFO_MATCH_S
        return ready

    def _send(self, frame: Frame, stamp_ns: int, intrinsics: Intrinsics) -> int | None:
        """Publish camera_info, then the image, with one header; runs in the player's thread."""
        header = Header(
            stamp=Time(sec=stamp_ns // 10**9, nanosec=stamp_ns % 10**9),
            frame_id=self._settings.frame_id,
        )
        height, width = frame.image.shape[:2]
        image = Image(header=header, height=height, width=width, encoding='bgr8', step=3 * width)
        image.data = bgr_to_image_data(frame.image)
        published_ns: int | None = None
        with self._ending_is_no_failure():
            self._infos.publish(CameraInfo(header=header, **vars(intrinsics)))
            before_ns = time.monotonic_ns()
            self._images.publish(image)
            published_ns = before_ns
        return published_ns  # noqa: RET504 - None when the block was cut short

    def _on_change(self, snapshot: StreamSnapshot) -> None:
        """Log and publish a new state of the stream; runs in the player's thread."""
        if snapshot.state is StreamState.FAILED:
            self.get_logger().error(snapshot.error)
        elif snapshot.state is StreamState.FINISHED:
            self.get_logger().info(f'finished: {snapshot.published} frames published')
        self._publish_status()

    def _publish_status(self) -> None:
        with self._ending_is_no_failure():
            self._diagnostics.update()

    def _items(self) -> list[Status]:
        subscribers = int(self._images.get_subscription_count())
        return [self._player.status(self._settings.source, subscribers)]

    @contextmanager
    def _ending_is_no_failure(self) -> Iterator[None]:
        """Let no error out once a signal has ended ROS under the thread's feet."""
        try:
            yield
        except Exception:
            if self.context.ok():
                raise


def _descriptor(item: Field[Any]) -> ParameterDescriptor:
    low, high = item.metadata['low'], item.metadata['high']
    descriptor = ParameterDescriptor(
        description=item.metadata['description'], read_only=item.metadata['read_only']
    )
    if low is not None and isinstance(item.default, float):
        descriptor.floating_point_range = [FloatingPointRange(from_value=low, to_value=high)]
    elif low is not None:
        descriptor.integer_range = [IntegerRange(from_value=low, to_value=high)]
    return descriptor


def main(args: list[str] | None = None) -> int:
    """Run the camera node until SIGINT or SIGTERM."""
    cv2.setNumThreads(1)
    return run_node(CameraNode, args)


if __name__ == '__main__':
    raise SystemExit(main())
