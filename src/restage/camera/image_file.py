# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Decoding of compressed images (JPEG, PNG, BMP, WebP), from files or messages."""

from __future__ import annotations

import struct
from pathlib import Path

import cv2
import numpy as np

from restage.camera.errors import ImageError
from restage.camera.frame import BgrImage

_PNG_START, _PNG_END = b'\x89PNG\r\n\x1a\n', b'IEND'
_JPEG_START, _JPEG_SCAN, _JPEG_END = b'\xff\xd8', b'\xff\xda', b'\xff\xd9'


def decode_image(data: bytes) -> BgrImage:
    """
    Return a compressed picture as uint8 H x W x 3 (BGR).

    :raises ImageError: when it is empty, cut short, damaged, or in no known format.
    """
    if not data:
        raise ImageError('it is empty')
    # Older OpenCV fills up a JPEG that ends too early with grey and calls it good.
    if data.startswith(_JPEG_START) and data.find(_JPEG_END, data.rfind(_JPEG_SCAN)) < 0:
        raise ImageError('the JPEG is cut short')
    # OpenCV takes as much memory as a chunk says that it has.
    if data.startswith(_PNG_START) and not _has_all_chunks(data):
        raise ImageError('the PNG is cut short')
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error as error:
        raise ImageError(f'it cannot be decoded: {error.err}') from None
    if image is None:
        raise ImageError('it is damaged or in an unknown format')
    return np.asarray(image, np.uint8)


def _has_all_chunks(png: bytes) -> bool:
    """Return whether every chunk up to the last is in it. Source: PNG specification, 5.3."""
    place, kind = len(_PNG_START), b''
    while kind != _PNG_END and place + 12 <= len(png):
        size, kind = struct.unpack_from('>I4s', png, place)
        place += 12 + size
    return kind == _PNG_END and place <= len(png)


def read_image(path: Path) -> BgrImage:
    """
    Return an image file as uint8 H x W x 3 (BGR).

    :raises ImageError: naming the file, when it cannot be read or decoded.
    """
    try:
        return decode_image(path.read_bytes())
    except OSError as error:
        raise ImageError(f"image file '{path}': {error.strerror}") from None
    except ImageError as error:
        raise ImageError(f"image file '{path}': {error}") from None
