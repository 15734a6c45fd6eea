# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The statuses of a node on /diagnostics: once a second, and at once when one changes."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable, Mapping, Sequence

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from rclpy.node import Node

from restage.diagnosis.status import Level, Status, Value, text_of
from restage.nodes.metrics import Metrics, MetricsError
from restage.nodes.parameters import declare
from restage.nodes.steady import steady_timer

OWN = 'status'
PERIOD_S = 1.0


class Diagnostics:
    """
    Publishes what ``items`` returns, each as ``NODE: item``.

    All statuses of a node go out together, so that they are of one moment. The parameter
    ``metrics_port``, declared here, serves the same statuses to Prometheus.
    """

    def __init__(self, node: Node, items: Callable[[], Iterable[Status]]) -> None:
        """Publish for ``node``; ``items`` is called where it is told of news, too."""
        self._node = node
        self._items = items
        self._level, self._message = Level.OK, 'starting'
        self._name = node.get_fully_qualified_name().lstrip('/')
        self._hardware_id = socket.gethostname()
        self._said: dict[str, tuple[Level, str]] = {}
        self._metrics = self._serve()
        self._publisher = node.create_publisher(DiagnosticArray, '/diagnostics', 10)
        # Not ROS time: a simulated clock may stand still.
        self._timer = steady_timer(node, PERIOD_S, self.publish)

    def own(self, values: Mapping[str, Value]) -> Status:
        """Return the status of the node itself, as last set, with ``values``."""
        return Status(OWN, self._level, self._message, values)

    def set(self, level: Level, message: str) -> None:
        """Set level and message of the node itself; publish at once if they are new."""
        self._level, self._message = level, message
        self.update()

    def update(self) -> None:
        """Publish if the level or the message of any status is new."""
        statuses = self._collect()
        if any(self._said.get(one.item) != (one.level, one.message) for one in statuses):
            self._send(statuses)

    def publish(self) -> None:
        """Publish."""
        self._send(self._collect())

    def close(self) -> None:
        """Serve no metrics any more."""
        self._metrics.close()

    def _serve(self) -> Metrics:
        port = declare(
            self._node,
            'metrics_port',
            0,
            'port of 127.0.0.1 at which Prometheus finds what /diagnostics says; 0: none',
            low=0,
            high=65535,
            read_only=True,
        )
        metrics = Metrics(self._name)
        if port:
            try:
                metrics.serve(port)
            except MetricsError as error:
                self._node.get_logger().error(str(error))
        return metrics

    def _collect(self) -> list[Status]:
        statuses = list(self._items())
        self._metrics.statuses = statuses
        return statuses

    def _send(self, statuses: Sequence[Status]) -> None:
        self._said = {one.item: (one.level, one.message) for one in statuses}
        array = DiagnosticArray(status=[self._message_of(one) for one in statuses])
        array.header.stamp = self._node.get_clock().now().to_msg()
        self._publisher.publish(array)

    def _message_of(self, status: Status) -> DiagnosticStatus:
        return DiagnosticStatus(
            level=bytes([status.level]),
            name=f'{self._name}: {status.item}',
            message=status.message,
            hardware_id=self._hardware_id,
            values=[KeyValue(key=key, value=text_of(v)) for key, v in status.values.items()],
        )
