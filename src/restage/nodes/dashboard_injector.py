# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The dashboard's way to the injector."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

from rclpy.node import Node
from restage_msgs.srv import InjectFault

from restage.dashboard.injecting import Answer
from restage.faults.command import Fault
from restage.faults.messages import fault_to_command


class InjectorClient:
    """Asks the injector's service; calls may come from any thread."""

    def __init__(self, node: Node) -> None:
        """Make the client."""
        self._client = node.create_client(InjectFault, 'injector/inject')

    def ready(self) -> bool:
        """Return whether there is an injector."""
        return bool(self._client.service_is_ready())

    def inject(self, fault: Fault) -> Future[Answer] | None:
        """Ask for ``fault``; return the answer to come, or None where nobody takes requests."""
        if not self.ready():
            return None
        answer: Future[Answer] = Future()
        request = InjectFault.Request(command=fault_to_command(fault))
        self._client.call_async(request).add_done_callback(lambda done: _tell(done, answer))
        return answer


def _tell(done: Any, answer: Future[Answer]) -> None:
    if answer.cancelled():
        return
    if done.exception() is not None:
        answer.set_exception(done.exception())
    else:
        said = done.result()
        answer.set_result(Answer(said.accepted, said.id, said.message))
