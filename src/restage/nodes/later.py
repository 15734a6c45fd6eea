# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Work that must not delay the frame in hand."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from rclpy.node import Node


class Later:
    """
    Keeps calls back until a frame is through, then has the executor make them.

    Logging an error and publishing what is not urgent take milliseconds, and in Python even in
    another thread they slow the inference thread down: while a frame is being recovered, only the
    recovery is worked on.
    """

    def __init__(self, node: Node) -> None:
        """Make the calls in ``node``'s executor."""
        self._node = node
        self._calls: deque[Callable[[], object]] = deque()

    def add(self, call: Callable[[], object]) -> None:
        """Keep ``call``; from any thread."""
        self._calls.append(call)

    def soon(self, call: Callable[[], object]) -> None:
        """Have ``call`` made without waiting for the frame; from any thread."""
        if self._node.executor is not None:
            self._node.executor.create_task(call)

    def frame_is_through(self) -> None:
        """Have everything kept so far made; from the inference thread, after every frame."""
        if self._calls and self._node.executor is not None:
            self._node.executor.create_task(self._make)

    def _make(self) -> None:
        while self._calls:
            self._calls.popleft()()
