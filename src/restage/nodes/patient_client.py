# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A client that keeps a request until there is somebody to take it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from rclpy.node import Node


class PatientClient:
    """
    Sends a request at once if its service is there, or else as soon as ``flush`` finds it there.

    What DDS is asked to send to a service that was not discovered yet is lost without a word.
    Only the last request is kept: an order replaces the one before it.
    """

    def __init__(self, node: Node, kind: Any, service: str) -> None:
        """Make the client."""
        self._client = node.create_client(kind, service)
        self._kept: tuple[Any, Callable[[Any], None]] | None = None
        self._lock = threading.Lock()

    def call(self, request: Any, done: Callable[[Any], None]) -> None:
        """Send ``request``, now or later; ``done`` gets the future of the answer."""
        with self._lock:
            self._kept = (request, done)
        self.flush()

    def flush(self) -> None:
        """Send what was kept, if there is a service now."""
        if self._kept is None or not self._client.service_is_ready():
            return
        with self._lock:
            kept, self._kept = self._kept, None
        if kept is not None:
            request, done = kept
            self._client.call_async(request).add_done_callback(done)

    def destroy(self, node: Node) -> None:
        """Give the client back."""
        node.destroy_client(self._client)
