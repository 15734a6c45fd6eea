# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A node's sign of life and of progress."""

from __future__ import annotations

import os
from collections.abc import Callable

from rclpy.node import Node
from restage_msgs.msg import Heartbeat

from restage.checkpoint.host import HOST
from restage.nodes.qos import HEARTBEAT
from restage.nodes.steady import steady_timer

PERIOD_S = 0.1


class HeartbeatPublisher:
    """Publishes ``heartbeat`` at 10 Hz, and right after a transition."""

    def __init__(self, node: Node, fill: Callable[[Heartbeat], None]) -> None:
        """Publish for ``node`` what ``fill`` adds to name and pid."""
        self._node = node
        self._fill = fill
        self._publisher = node.create_publisher(Heartbeat, 'heartbeat', HEARTBEAT)
        self._timer = steady_timer(node, PERIOD_S, self.publish)
        self._soon = steady_timer(node, 0.0, self._once)
        self._soon.cancel()

    def publish(self) -> None:
        """Publish now."""
        message = Heartbeat(node=self._node.get_name(), pid=os.getpid(), host=HOST)
        message.header.stamp = self._node.get_clock().now().to_msg()
        self._fill(message)
        self._publisher.publish(message)

    def soon(self) -> None:
        """Publish once the callback that runs now is through: in a transition the state is old."""
        self._soon.reset()

    def _once(self) -> None:
        self._soon.cancel()
        self.publish()
