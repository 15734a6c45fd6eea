# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Passes images on from a camera to who uses them, and on command not as they came."""

from __future__ import annotations

import sys
from array import array
from typing import cast

import numpy as np
from builtin_interfaces.msg import Time
from rclpy.node import Node
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from restage.diagnosis.status import Level, Status
from restage.faults.stream.injector import StreamInjector
from restage.faults.stream.passage import Passing, Pixels
from restage.faults.stream.release import Release
from restage.nodes.diagnostics import Diagnostics
from restage.nodes.fault_port import FaultPort
from restage.nodes.parameters import declare
from restage.nodes.qos import image_qos
from restage.nodes.spin import run_node
from restage.nodes.stamps import to_ns


class FaultProxyNode(Node):
    """
    ``image_in`` to ``image_out``; faults of the classes ``input`` and ``comm`` act here.

    For tests and demonstrations: it stands in the way only where it was started.

    :raises ValueError: for a reliability that is none.
    """

    def __init__(self) -> None:
        super().__init__('fault_proxy')
        declare(
            self,
            'allow_fault_injection',
            False,
            'accept fault commands; without it images are only passed on',
            read_only=True,
        )
        reliability = declare(self, 'reliability', 'reliable', 'of both topics', read_only=True)
        qos = image_qos(str(reliability))
        self._faults = FaultPort(self)
        self._stream = self._faults.injector = StreamInjector(self._faults.tell)
        self._received = self._sent = 0
        self._out = self.create_publisher(Image, 'image_out', qos)
        self._release = Release(self._send, self._failed)
        self._status = Diagnostics(self, lambda: [self._own()])
        self._in = self.create_subscription(Image, 'image_in', self._on_image, qos)
        if self._faults.allowed:
            self._status.set(Level.OK, 'passing images on; faults are accepted')
        else:
            self._status.set(Level.WARN, 'passing images on; no faults are accepted')

    def close(self) -> None:
        """Send nothing any more."""
        self._release.stop()
        self._status.close()

    def _on_image(self, message: Image) -> None:
        self._received += 1
        stamp_ns = to_ns(message.header.stamp)
        rows = np.frombuffer(message.data, np.uint8)
        whole = message.step > 0 and rows.size % message.step == 0
        pixels = rows.reshape(-1, message.step) if whole else rows
        # The rest of the message is next to nothing: what waits takes the memory of its pixels.
        message.data = array('B')
        for passing in self._stream.pass_on(stamp_ns, pixels, message):
            self._release.add(passing)

    def _send(self, passing: Passing) -> None:
        """Publish an image; in the thread of the release."""
        if not self.context.ok():
            return
        self._out.publish(_with(cast(Image, passing.source), passing.pixels))
        self._sent += 1

    def _failed(self, passing: Passing, error: Exception) -> None:
        """Say that an image was not sent, unless ROS has just ended."""
        if self.context.ok():
            what = f'{type(error).__name__}: {error}'
            self.get_logger().error(
                f'image {passing.stamp_ns} was not sent: {what}', throttle_duration_sec=1.0
            )

    def _own(self) -> Status:
        return self._status.own(
            {
                'frames_in': self._received,
                'frames_out': self._sent,
                'fault_injection': self._faults.allowed,
            }
        )


def _with(message: Image, pixels: Pixels) -> Image:
    """Return ``message`` with its data, which are ``pixels``."""
    data = array('B')
    data.frombytes(np.ascontiguousarray(pixels).data)
    stamp = message.header.stamp
    header = Header(
        stamp=Time(sec=stamp.sec, nanosec=stamp.nanosec), frame_id=message.header.frame_id
    )
    return Image(
        header=header,
        height=message.height,
        width=message.width,
        encoding=message.encoding,
        is_bigendian=message.is_bigendian,
        step=message.step,
        data=data,
    )


def main(args: list[str] | None = None) -> int:
    """Run the node until SIGINT or SIGTERM; 2 when a parameter is not acceptable."""
    return run_node(FaultProxyNode, args)


if __name__ == '__main__':
    sys.exit(main())
