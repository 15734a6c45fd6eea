# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Header stamps as nanoseconds; a stamp names its frame."""

from __future__ import annotations

import struct

from builtin_interfaces.msg import Time

_STAMP = struct.Struct('<iI')
# CDR: four bytes of encapsulation, then the header, whose stamp comes first.
_STAMP_OFFSET = 4


def to_ns(stamp: Time) -> int:
    """Return a stamp in ns."""
    return int(stamp.sec) * 1_000_000_000 + int(stamp.nanosec)


def from_ns(stamp_ns: int) -> Time:
    """Return ns as a stamp."""
    return Time(sec=stamp_ns // 1_000_000_000, nanosec=stamp_ns % 1_000_000_000)


def of_serialized(message: bytes) -> int:
    """
    Return the header stamp, in ns, of a serialized message that begins with a std_msgs/Header.

    Some nodes need nothing but the stamp of every detections or camera_info message; this spares
    them the deserialization. Source: OMG DDS-XTypes, plain CDR, little-endian.
    """
    sec, nanosec = _STAMP.unpack_from(message, _STAMP_OFFSET)
    return int(sec) * 1_000_000_000 + int(nanosec)
