# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Images as they are recorded: as they came, or as JPEG or PNG."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from restage.camera.bag_topics import COMPRESSED, IMAGE
from restage.camera.convert import message_to_bgr
from restage.camera.errors import ImageError
from restage.recording.definitions import typestore

FORMATS = ('jpeg', 'png', 'raw', 'none')
LOSSLESS = ('png', 'raw')
# Fast, and still a third smaller than the pixels.
_PNG_LEVEL = 1


def compressed(raw: bytes, image_format: str, jpeg_quality: int) -> bytes:
    """
    Return a serialized sensor_msgs/Image as a serialized CompressedImage with the same header.

    :param image_format: ``jpeg`` or ``png``.
    :raises ImageError: when it is damaged, or its encoding is not one of the common ones.
    """
    store = typestore()
    try:
        message: Any = store.deserialize_cdr(raw, IMAGE)
    except Exception as error:  # rosbags lets through whatever its parsers stumble over
        raise ImageError(f'the image is damaged: {error}') from error
    bgr = message_to_bgr(message)
    if image_format == 'jpeg':
        _, data = cv2.imencode('.jpg', bgr, (cv2.IMWRITE_JPEG_QUALITY, jpeg_quality))
    else:
        _, data = cv2.imencode('.png', bgr, (cv2.IMWRITE_PNG_COMPRESSION, _PNG_LEVEL))
    picture = store.types[COMPRESSED](
        header=message.header,
        # As image_transport writes it.
        format=f'{message.encoding}; {image_format} compressed bgr8',
        data=np.asarray(data, np.uint8).reshape(-1),
    )
    return bytes(store.serialize_cdr(picture, COMPRESSED))
