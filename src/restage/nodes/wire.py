# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Serialized messages (CDR) that came from a file, or raw, to ROS's own."""

from __future__ import annotations

from typing import Any

from rclpy.serialization import deserialize_message

from restage.nodes.unusable import UnusableMessageError

# Of the encapsulation: the last two bits of its last byte tell how many bytes of padding follow.
_HEAD, _PADDING = 4, 3


def deserialized(raw: bytes, kind: Any) -> Any:
    """
    Return ``raw`` as a message of the type ``kind``.

    More padding than there is makes Fast CDR (2.3.3) read beyond the end, which may end the
    process; so that is looked for here. Source: OMG DDS-XTypes, 7.6.3.1.2.

    :raises UnusableMessageError: when it is damaged.
    """
    if len(raw) < _HEAD or len(raw) - _HEAD < raw[_HEAD - 1] & _PADDING:
        raise UnusableMessageError(f'its {len(raw)} bytes are fewer than they say')
    try:
        return deserialize_message(raw, kind)
    except Exception as error:  # of the middleware, whichever it is
        raise UnusableMessageError(str(error) or type(error).__name__) from None
