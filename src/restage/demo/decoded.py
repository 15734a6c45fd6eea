# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Messages of a recording as ROS has them."""

from __future__ import annotations

from typing import Any

from restage.nodes.unusable import UnusableMessageError
from restage.nodes.wire import deserialized
from restage.recording.errors import RecordingError
from restage.recording.reader import Message


def decoded(message: Message, kind: Any) -> Any:
    """
    Return ``message`` as a ``kind``.

    :raises RecordingError: when it is damaged.
    """
    try:
        return deserialized(message.data, kind)
    except UnusableMessageError as error:
        raise RecordingError(
            f"a message on '{message.topic}' is damaged, or of another {message.msgtype}: {error}"
        ) from None
