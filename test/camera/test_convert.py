# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import array

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from restage.camera.convert import bgr_to_image_data, image_to_bgr
from restage.camera.encodings import ENCODINGS
from restage.camera.errors import EncodingError, ImageError

SIZES = st.tuples(st.integers(1, 9), st.integers(1, 9))


def random_image(height: int, width: int, channels: int = 3, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, channels), np.uint8)


def padded(rows: np.ndarray, padding: int) -> bytes:
    """Bytes of H x row bytes, each row followed by padding."""
    return b''.join(row.tobytes() + b'\xee' * padding for row in rows)


@given(SIZES, st.integers(0, 7), st.sampled_from(['bgr8', 'rgb8', 'bgra8', 'rgba8', 'mono8']))
def test_padding_is_ignored(size, padding, encoding):
    height, width = size
    channels = ENCODINGS[encoding].channels
    image = random_image(height, width, channels)
    step = width * channels + padding
    bgr = image_to_bgr(encoding, height, width, step, padded(image, padding))
    expected = {
        'bgr8': image,
        'rgb8': image[..., ::-1],
        'bgra8': image[..., :3],
        'rgba8': image[..., 2::-1],
        'mono8': np.repeat(image, 3, axis=2),
    }[encoding]
    assert bgr.shape == (height, width, 3)
    assert bgr.dtype == np.uint8
    np.testing.assert_array_equal(bgr, expected)


@given(SIZES, st.integers(0, 3), st.integers(-40, 40), st.sampled_from(sorted(ENCODINGS)))
def test_wrong_length_is_refused(size, padding, error, encoding):
    height, width = size
    step = width * ENCODINGS[encoding].pixel_bytes + padding
    length = max(0, height * step + error)
    if length == height * step:
        return
    state = 'truncated' if length < height * step else 'oversized'
    with pytest.raises(ImageError, match=state):
        image_to_bgr(encoding, height, width, step, bytes(length))


@settings(max_examples=300)
@given(
    st.sampled_from([*sorted(ENCODINGS), '', 'bgr', '32FC1', 'BGR8']),
    st.integers(-1, 8),
    st.integers(-1, 8),
    st.integers(-1, 40),
    st.binary(max_size=200),
    st.integers(0, 1),
)
def test_any_fields_give_a_picture_or_an_image_error(enc, height, width, step, data, big):
    try:
        bgr = image_to_bgr(enc, height, width, step, data, big)
    except ImageError:
        return
    assert bgr.shape == (height, width, 3)
    assert bgr.dtype == np.uint8


@pytest.mark.parametrize('container', [bytes, bytearray, memoryview, np.array, array.array])
def test_bgr8_is_a_view_of_any_buffer(container):
    image = random_image(4, 5)
    raw = image.tobytes()
    data = {
        np.array: lambda: np.frombuffer(raw, np.uint8).copy(),
        array.array: lambda: array.array('B', raw),
    }.get(container, lambda: container(raw))()
    bgr = image_to_bgr('bgr8', 4, 5, 15, data)
    np.testing.assert_array_equal(bgr, image)
    assert np.shares_memory(bgr, np.frombuffer(data, np.uint8))


@pytest.mark.parametrize('big', [0, 1])
def test_mono16_is_scaled_in_either_byte_order(big):
    values = np.array([[0, 257, 65535], [128 * 257, 100, 65000]], '>u2' if big else '<u2')
    bgr = image_to_bgr('mono16', 2, 3, 6, values.tobytes(), big)
    expected = np.rint(values.astype(float) * 255 / 65535).astype(np.uint8)
    np.testing.assert_array_equal(bgr[..., 0], expected)


@pytest.mark.parametrize('pattern', ['rggb', 'bggr', 'gbrg', 'grbg'])
def test_bayer_keeps_the_colour(pattern):
    colour = {'b': 40, 'g': 120, 'r': 220}
    tile = np.array([[colour[c] for c in pattern[:2]], [colour[c] for c in pattern[2:]]], np.uint8)
    mosaic = np.tile(tile, (6, 8))
    bgr = image_to_bgr(f'bayer_{pattern}8', 12, 16, 16, mosaic.tobytes())
    assert bgr[6, 8].tolist() == [40, 120, 220]


@pytest.mark.parametrize('encoding', ['uyvy', 'yuv422', 'yuyv', 'yuv422_yuy2'])
def test_yuv422_keeps_the_colour(encoding):
    colour = np.full((4, 6, 3), (40, 120, 220), np.uint8)
    y, cr, cb = (int(v) for v in cv2.cvtColor(colour, cv2.COLOR_BGR2YCrCb)[0, 0])
    # ITU-R BT.601 limited range, as cameras send it.
    y, cb, cr = round(16 + y * 219 / 255), *(round(128 + (c - 128) * 224 / 255) for c in (cb, cr))
    pair = [cb, y, cr, y] if encoding in ('uyvy', 'yuv422') else [y, cb, y, cr]
    data = bytes(pair * 3 * 4)
    bgr = image_to_bgr(encoding, 4, 6, 12, data)
    assert np.abs(bgr.astype(int) - colour).max() <= 3


def test_unknown_encoding_names_it_and_the_accepted_ones():
    with pytest.raises(EncodingError, match=r"'32FC1'.*bgr8.*mono16.*bayer_rggb8"):
        image_to_bgr('32FC1', 1, 1, 4, bytes(4))


def test_short_step_and_no_buffer_are_refused():
    with pytest.raises(ImageError, match='a row takes 15 bytes'):
        image_to_bgr('bgr8', 4, 5, 14, bytes(56))
    with pytest.raises(ImageError, match='cannot be read'):
        image_to_bgr('bgr8', 1, 1, 3, [1, 2, 3])


@given(SIZES)
def test_image_data_round_trip(size):
    image = random_image(*size)
    data = bgr_to_image_data(image)
    assert isinstance(data, array.array)
    assert data.typecode == 'B'
    np.testing.assert_array_equal(image_to_bgr('bgr8', *size, 3 * size[1], data), image)


def test_image_data_of_a_strided_view():
    image = random_image(6, 8)[::2, ::-1]
    assert bgr_to_image_data(image).tobytes() == image.tobytes()


@pytest.mark.parametrize('shape', [(4, 5), (4, 5, 4)])
def test_image_data_wants_bgr(shape):
    with pytest.raises(ImageError, match='H x W x 3'):
        bgr_to_image_data(np.zeros(shape, np.uint8))
