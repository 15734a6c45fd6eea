# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""One status of a node on /diagnostics: once a second, and at once when it changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from rclpy.node import Node

OK: bytes = DiagnosticStatus.OK
WARN: bytes = DiagnosticStatus.WARN
ERROR: bytes = DiagnosticStatus.ERROR


class Diagnostics:
    """Publishes the level and message last set, with fresh values from ``values``."""

    def __init__(self, node: Node, values: Callable[[], Mapping[str, object]]) -> None:
        """Publish for ``node``; ``values`` is called in its executor or in ``set``'s caller."""
        self._node = node
        self._values = values
        self._level = OK
        self._message = 'starting'
        self._publisher = node.create_publisher(DiagnosticArray, '/diagnostics', 10)
        self._timer = node.create_timer(1.0, self.publish)

    def set(self, level: bytes, message: str) -> None:
        """Set level and message; publish at once if they are new."""
        if (level, message) != (self._level, self._message):
            self._level, self._message = level, message
            self.publish()

    def publish(self) -> None:
        """Publish the status."""
        name = self._node.get_fully_qualified_name()
        status = DiagnosticStatus(
            level=self._level,
            name=f'{name.lstrip("/")}: status',
            message=self._message,
            hardware_id='restage',
            values=[KeyValue(key=key, value=str(value)) for key, value in self._values().items()],
        )
        array = DiagnosticArray(status=[status])
        array.header.stamp = self._node.get_clock().now().to_msg()
        self._publisher.publish(array)
