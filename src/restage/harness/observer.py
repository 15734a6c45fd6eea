# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A subscriber to everything the system says, as a user's own node would be."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import rclpy
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.node import Node
from restage_msgs.msg import FaultEvent, Heartbeat, RecoveryEvent, StageStatus
from vision_msgs.msg import Detection2DArray

from restage.cameras import Cameras
from restage.harness.environment import transport_environment
from restage.nodes.qos import EVENTS, LATCHED
from restage.nodes.stamps import to_ns


@dataclass
class Observed:
    """
    What was received. ``detections``: stamp in ns, receipt (CLOCK_MONOTONIC, ns), message.

    ``newest_ns``: the newest stamp of detections so far. ``diagnostics``: by name, ``NODE: item``.
    """

    newest_ns: int = 0
    detections: list[tuple[int, int, Detection2DArray]] = field(default_factory=list)
    recoveries: list[RecoveryEvent] = field(default_factory=list)
    faults: list[FaultEvent] = field(default_factory=list)
    statuses: list[StageStatus] = field(default_factory=list)
    heartbeats: dict[str, Heartbeat] = field(default_factory=dict)
    diagnostics: dict[str, DiagnosticStatus] = field(default_factory=dict)


class Observer:
    """Collects messages in a thread; ``wait_for`` waits for a condition on them."""

    def __init__(self, node: Node, cameras: Cameras) -> None:
        """Subscribe with ``node``, to the detections of all ``cameras``."""
        self.node = node
        self.seen = Observed()
        self._changed = threading.Condition()
        topics: list[tuple[Any, str, Any, Callable[[Any], None]]] = [
            *(
                (Detection2DArray, cameras.topic(number, 'detections'), EVENTS, self._on_detections)
                for number in range(len(cameras))
            ),
            (RecoveryEvent, 'recovery_events', LATCHED, self.seen.recoveries.append),
            (FaultEvent, 'fault_events', EVENTS, self.seen.faults.append),
            (StageStatus, 'stage_status', EVENTS, self.seen.statuses.append),
            (Heartbeat, 'heartbeat', EVENTS, self._on_heartbeat),
            (DiagnosticArray, '/diagnostics', EVENTS, self._on_diagnostics),
        ]
        for kind, topic, qos, handler in topics:
            node.create_subscription(kind, topic, self._notifying(handler), qos)

    def _notifying(self, handler: Callable[[Any], None]) -> Callable[[Any], None]:
        def receive(message: Any) -> None:
            with self._changed:
                handler(message)
                self._changed.notify_all()

        return receive

    def _on_detections(self, message: Detection2DArray) -> None:
        now = time.monotonic_ns()
        stamp_ns = to_ns(message.header.stamp)
        self.seen.newest_ns = max(self.seen.newest_ns, stamp_ns)
        self.seen.detections.append((stamp_ns, now, message))

    def _on_heartbeat(self, message: Heartbeat) -> None:
        self.seen.heartbeats[message.node] = message

    def _on_diagnostics(self, message: DiagnosticArray) -> None:
        for status in message.status:
            self.seen.diagnostics[status.name] = status

    def take_detections(self) -> list[tuple[int, int, Detection2DArray]]:
        """Return the detections received so far and forget them: a long run has many."""
        with self._changed:
            taken = list(self.seen.detections)
            self.seen.detections.clear()
            return taken

    def take_events(self) -> Observed:
        """Return the events received so far, but no detections, and forget them."""
        with self._changed:
            seen = self.seen
            taken = Observed(
                recoveries=list(seen.recoveries),
                faults=list(seen.faults),
                statuses=list(seen.statuses),
            )
            for events in (seen.recoveries, seen.faults, seen.statuses):
                events.clear()
            return taken

    def wait_for(self, condition: Callable[[Observed], Any], timeout_s: float) -> Any:
        """
        Return the first true value of ``condition``, or its last value at the deadline.

        The condition is looked at after every message.
        """
        with self._changed:
            return self._changed.wait_for(lambda: condition(self.seen), timeout_s)


@contextlib.contextmanager
def observing(
    domain: int, cameras: Cameras | None = None, namespace: str = ''
) -> Iterator[Observer]:
    """
    Observe ROS domain ``domain`` from this process for as long as the context lasts.

    ``cameras``: whose detections; None: those of one. ``namespace``: of the system.
    """
    os.environ.update(transport_environment(os.environ))
    context = rclpy.Context()
    rclpy.init(context=context, domain_id=domain)
    node = rclpy.create_node('restage_observer', context=context, namespace=namespace)
    observer = Observer(node, cameras or Cameras())
    executor = SingleThreadedExecutor(context=context)
    executor.add_node(node)

    def spin() -> None:
        with contextlib.suppress(ExternalShutdownException):
            executor.spin()

    thread = threading.Thread(target=spin, name='observer', daemon=True)
    thread.start()
    try:
        yield observer
    finally:
        executor.shutdown(timeout_sec=1.0)
        context.try_shutdown()
        thread.join(timeout=2.0)
        node.destroy_node()
