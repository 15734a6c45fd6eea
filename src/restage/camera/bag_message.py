# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Decoding of the messages of a bag: images and calibration."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from restage.camera.bag_topics import CAMERA_INFO, IMAGE
from restage.camera.camera_info import Intrinsics
from restage.camera.convert import message_to_bgr
from restage.camera.errors import EncodingError, ImageError
from restage.camera.frame import BgrImage
from restage.camera.image_file import decode_image

if TYPE_CHECKING:
    from rosbags.typesys.store import Typestore

# Transports whose payload is not a still picture that image decoders know.
_NOT_STILLS = ('compresseddepth', 'h264', 'h265', 'hevc', 'theora', 'vp8', 'vp9', 'av1')


@functools.cache
def _typestore() -> Typestore:
    # The three sensor_msgs types have been the same in every ROS 2 release, so that the
    # definitions in the bag (older bags have none) need not be parsed.
    from rosbags.typesys import Stores, get_typestore

    return get_typestore(Stores.ROS2_JAZZY)


def _deserialize(raw: bytes, msgtype: str) -> Any:
    try:
        return _typestore().deserialize_cdr(raw, msgtype)
    except Exception as error:  # rosbags lets through whatever its parsers stumble over
        raise ImageError(f'the {msgtype} is damaged: {error}') from error


def decode_frame(raw: bytes, msgtype: str) -> tuple[BgrImage, int]:
    """
    Return the picture, uint8 H x W x 3 (BGR), and the header's stamp in ns (0: none).

    :raises EncodingError: when images of this kind cannot be read.
    :raises ImageError: when this one is damaged.
    """
    message = _deserialize(raw, msgtype)
    stamp = message.header.stamp
    stamp_ns = stamp.sec * 1_000_000_000 + stamp.nanosec
    if msgtype == IMAGE:
        image = message_to_bgr(message)
        return image, stamp_ns
    kind = message.format.lower()
    if any(name in kind for name in _NOT_STILLS):
        raise EncodingError(
            f"compressed image format '{message.format}' cannot be read; "
            'accepted: jpeg, png, bmp, webp'
        )
    return decode_image(message.data.tobytes()), stamp_ns


def decode_camera_info(raw: bytes) -> Intrinsics:
    """
    Return the calibration in a CameraInfo.

    :raises ImageError: when it is damaged.
    """
    message = _deserialize(raw, CAMERA_INFO)
    return Intrinsics(
        width=message.width,
        height=message.height,
        distortion_model=message.distortion_model,
        d=tuple(map(float, message.d)),
        k=tuple(map(float, message.k)),
        r=tuple(map(float, message.r)),
        p=tuple(map(float, message.p)),
    )
