# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A picture is shown with the detections of that very image."""

from __future__ import annotations

import json
import queue
import struct
from collections.abc import Iterator

import cv2
import numpy as np
import pytest

from restage.dashboard.pictures import WIDEST, Pictures, packet
from restage.dashboard.sightings import Box

DEADLINE_S = 20.0
IMAGE = np.full((60, 80, 3), 90, np.uint8)
BOX = Box(x1=1.0, y1=2.0, x2=30.0, y2=40.0, score=0.5, class_id='car')


def head_of(message: bytes) -> dict[str, object]:
    (length,) = struct.unpack_from('>I', message)
    return dict(json.loads(message[4 : 4 + length]))


@pytest.fixture
def shown() -> queue.Queue[bytes]:
    return queue.Queue()


@pytest.fixture
def pictures(shown: queue.Queue[bytes]) -> Iterator[Pictures]:
    made = Pictures(lambda _camera, message: shown.put(message))
    yield made
    made.close()


@pytest.mark.parametrize('image_first', [True, False])
def test_image_and_detections_meet_in_either_order(pictures, shown, image_first) -> None:
    steps = [lambda: pictures.offer(0, 7, lambda: IMAGE), lambda: pictures.detected(0, 7, [BOX])]
    for step in steps if image_first else reversed(steps):
        step()
    head = head_of(shown.get(timeout=DEADLINE_S))
    assert (head['key'], head['boxes'], head['labels']) == ('7', [[1, 2, 30, 40, 0.5]], ['car'])


def test_detections_of_another_image_are_not_drawn(pictures, shown) -> None:
    pictures.offer(0, 7, lambda: IMAGE)
    pictures.detected(0, 8, [BOX])
    assert shown.empty()
    assert not pictures.due(0)


def test_a_wide_image_is_sent_smaller_and_says_its_own_size() -> None:
    message = packet(np.zeros((600, 2 * WIDEST, 3), np.uint8), [], 0, 1)
    head = head_of(message)
    (length,) = struct.unpack_from('>I', message)
    jpeg = cv2.imdecode(np.frombuffer(message[4 + length :], np.uint8), cv2.IMREAD_COLOR)
    assert jpeg.shape == (300, WIDEST, 3)
    assert (head['width'], head['height']) == (2 * WIDEST, 600)
