# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Header stamps as nanoseconds; a stamp names its frame."""

from __future__ import annotations

import struct

from builtin_interfaces.msg import Time

from restage.nodes.unusable import UnusableMessageError

# By the second byte of the encapsulation: big-endian, little-endian.
_STAMPS = (struct.Struct('>iI'), struct.Struct('<iI'))
# CDR: four bytes of encapsulation, then the header, whose stamp comes first.
_STAMP_OFFSET = 4
_SECOND = 1_000_000_000


def to_ns(stamp: Time) -> int:
    """Return a stamp in ns."""
    return int(stamp.sec) * _SECOND + int(stamp.nanosec)


def frame_ns(stamp: Time) -> int:
    """
    Return the stamp that names a frame, in ns.

    :raises UnusableMessageError: when it is before 1970, or has more than a second of nanoseconds.
    """
    _check(stamp.sec, stamp.nanosec)
    if stamp.sec < 0:
        raise UnusableMessageError(f'the stamp is of {stamp.sec} s; accepted: 0 and later')
    return to_ns(stamp)


def from_ns(stamp_ns: int) -> Time:
    """Return ns as a stamp."""
    return Time(sec=stamp_ns // _SECOND, nanosec=stamp_ns % _SECOND)


def of_serialized(message: bytes) -> int:
    """
    Return the header stamp, in ns, of a serialized message that begins with a std_msgs/Header.

    Some nodes need nothing but the stamp of every detections or camera_info message; this spares
    them the deserialization. Source: OMG DDS-XTypes, plain CDR.

    :raises UnusableMessageError: when it is too short for one, or the stamp cannot be one.
    """
    try:
        sec, nanosec = _STAMPS[message[1] & 1].unpack_from(message, _STAMP_OFFSET)
    except (struct.error, IndexError):
        raise UnusableMessageError(f'its {len(message)} bytes are too few for a header') from None
    _check(sec, nanosec)
    return int(sec) * _SECOND + int(nanosec)


def _check(sec: int, nanosec: int) -> None:
    if nanosec >= _SECOND:
        raise UnusableMessageError(
            f'the stamp is of {sec} s and {nanosec} ns; accepted: less than {_SECOND} ns'
        )
