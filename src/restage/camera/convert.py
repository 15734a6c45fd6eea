# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Between sensor_msgs/Image's fields and BGR arrays."""

from __future__ import annotations

import array
from typing import Any, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from restage.camera.encodings import ENCODINGS, Encoding
from restage.camera.errors import EncodingError, ImageError
from restage.camera.frame import BgrImage

ImageData: TypeAlias = 'array.array[int] | bytes | bytearray | memoryview | npt.NDArray[np.uint8]'


def message_to_bgr(message: Any) -> BgrImage:
    """Return the picture of a sensor_msgs/Image, of ROS or of rosbags; as ``image_to_bgr``."""
    return image_to_bgr(
        message.encoding,
        message.height,
        message.width,
        message.step,
        message.data,
        message.is_bigendian,
    )


def image_to_bgr(
    encoding: str,
    height: int,
    width: int,
    step: int,
    data: ImageData,
    is_bigendian: int = 0,
) -> BgrImage:
    """
    Return the picture as uint8 H x W x 3 (BGR).

    The arguments are sensor_msgs/Image's fields. For ``bgr8`` the result is a view of ``data``:
    it changes with it, is read-only if it is, and has gaps between its rows when ``step`` is
    larger than a row. Everything else is a new array.

    :raises EncodingError: when the encoding is not one of ``ENCODINGS``.
    :raises ImageError: when size, step and the number of bytes do not fit together.
    """
    layout = ENCODINGS.get(encoding)
    if layout is None:
        raise EncodingError(
            f"image encoding '{encoding}' cannot be read; accepted: {', '.join(ENCODINGS)}"
        )
    pixels = _view(encoding, layout, height, width, step, data, bool(is_bigendian))
    if layout.bytes_per_channel == 2:
        pixels = np.asarray(cv2.convertScaleAbs(pixels, alpha=255.0 / 65535.0), np.uint8)
    if layout.to_bgr is None:
        return pixels
    try:
        return np.asarray(cv2.cvtColor(pixels, layout.to_bgr), np.uint8)
    except cv2.error as error:
        raise ImageError(
            f'image of {width} x {height} pixels cannot be converted from {encoding}: {error.err}'
        ) from None


def _view(
    encoding: str,
    layout: Encoding,
    height: int,
    width: int,
    step: int,
    data: ImageData,
    is_bigendian: bool,
) -> npt.NDArray[np.uint8]:
    """Return the pixels where they lie, H x W (x channels), once the sizes are consistent."""
    what = f'{encoding} image of {width} x {height} pixels with a step of {step} bytes'
    if height < 1 or width < 1:
        raise ImageError(f'{what}: width and height must be at least 1')
    if step < width * layout.pixel_bytes:
        raise ImageError(f'{what}: a row takes {width * layout.pixel_bytes} bytes')
    try:
        flat = np.frombuffer(data, np.uint8)
    except (TypeError, ValueError, BufferError) as error:
        raise ImageError(f'{what}: its data cannot be read: {error}') from None
    if flat.size != height * step:
        state = 'truncated' if flat.size < height * step else 'oversized'
        raise ImageError(
            f'{what}: its data is {state}: {flat.size} bytes instead of {height * step}'
        )
    kind = {1: 'u1', 2: '>u2' if is_bigendian else '<u2'}[layout.bytes_per_channel]
    shape: tuple[int, ...] = (height, width)
    strides: tuple[int, ...] = (step, layout.pixel_bytes)
    if layout.channels > 1:
        shape, strides = (*shape, layout.channels), (*strides, layout.bytes_per_channel)
    pixels: npt.NDArray[np.uint8] = np.ndarray(shape, kind, flat.data, 0, strides)
    return pixels if pixels.dtype.isnative else pixels.astype(pixels.dtype.newbyteorder('='))


def bgr_to_image_data(image: BgrImage) -> array.array[int]:
    """
    Return the bytes of a uint8 H x W x 3 image as sensor_msgs/Image's ``data``, rows unpadded.

    It is an ``array.array('B')`` because rclpy takes that as it is; anything else is checked
    byte by byte, at 30 to 100 times the cost.

    :raises ImageError: when the array is not uint8 H x W x 3.
    """
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        raise ImageError(
            f'expected a uint8 array of H x W x 3, got {image.dtype} of '
            f'{" x ".join(map(str, image.shape))}'
        )
    data = array.array('B')
    data.frombytes(np.ascontiguousarray(image).data)
    return data
