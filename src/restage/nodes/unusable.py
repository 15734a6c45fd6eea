# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Messages that say what cannot be: whoever hears one says so, and goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rclpy.node import Node


class UnusableMessageError(ValueError):
    """A message that cannot be used; says what is wrong with it and what is accepted."""


def forgiving(node: Node, topic: str, callback: Callable[[Any], None]) -> Callable[[Any], None]:
    """Return ``callback``, but a message that it cannot use is logged and does not end the node."""

    def hear(message: Any) -> None:
        try:
            callback(message)
        except UnusableMessageError as error:
            node.get_logger().warning(
                f'{topic}: a message that cannot be used: {error}', throttle_duration_sec=1.0
            )

    return hear
