# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The camera's picture for the page: some of the images, each with the detections of that image."""

from __future__ import annotations

import json
import queue
import struct
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2

from restage.camera.errors import ImageError
from restage.camera.frame import BgrImage
from restage.dashboard.sightings import Box

PERIOD_NS = 100_000_000
# How long an image waits for its detections before it is shown without them.
WAIT_NS = 1_000_000_000
WIDEST = 960
QUALITY = 75
KEPT_BOXES = 32

Decode = Callable[[], BgrImage]
Boxes = Sequence[Box]


@dataclass(frozen=True)
class _Shot:
    """One image that was chosen to be shown; ``boxes`` is None when there were none in time."""

    camera: int
    key: int
    decode: Decode
    taken_ns: int
    boxes: Boxes | None = None


class Pictures:
    """
    Chooses images, pairs them with their detections and encodes them in a thread of its own.

    ``show`` gets camera number and packet: the length of a JSON head (4 bytes, big-endian), the
    head, and a JPEG.
    """

    def __init__(self, show: Callable[[int, bytes], None]) -> None:
        """Start the thread."""
        self._show = show
        self._pending: dict[int, _Shot] = {}
        self._boxes: dict[int, OrderedDict[int, Boxes]] = {}
        self._work: queue.Queue[_Shot | None] = queue.Queue(maxsize=2)
        self._next_ns: dict[int, int] = {}
        self._thread = threading.Thread(target=self._encode, name='pictures', daemon=True)
        self._thread.start()

    def due(self, camera: int) -> bool:
        """Return whether an image of the camera that comes now would be shown."""
        return time.monotonic_ns() >= self._next_ns.get(camera, 0)

    def offer(self, camera: int, key: int, decode: Decode) -> None:
        """Take an image, which ``decode`` returns; it waits for its detections."""
        now = time.monotonic_ns()
        waiting = self._pending.pop(camera, None)
        if waiting is not None:
            if now - waiting.taken_ns < WAIT_NS:
                self._pending[camera] = waiting
                return
            self._put(waiting)
        self._next_ns[camera] = now + PERIOD_NS
        shot = _Shot(camera, key, decode, now)
        boxes = self._boxes.setdefault(camera, OrderedDict()).get(key)
        if boxes is None:
            self._pending[camera] = shot
        else:
            self._put(_Shot(camera, key, decode, now, boxes))

    def detected(self, camera: int, key: int, boxes: Boxes) -> None:
        """Take the detections of an image, which may come before or after it."""
        waiting = self._pending.get(camera)
        if waiting is not None and waiting.key == key:
            del self._pending[camera]
            self._put(_Shot(camera, key, waiting.decode, waiting.taken_ns, boxes))
            return
        kept = self._boxes.setdefault(camera, OrderedDict())
        kept[key] = boxes
        if len(kept) > KEPT_BOXES:
            kept.popitem(last=False)

    def close(self) -> None:
        """End the thread."""
        self._put(None)
        self._thread.join(timeout=2.0)

    def _put(self, shot: _Shot | None) -> None:
        """Queue it; when the encoder is behind, the oldest goes."""
        while True:
            try:
                self._work.put_nowait(shot)
            except queue.Full:
                try:
                    self._work.get_nowait()
                except queue.Empty:
                    continue
            else:
                return

    def _encode(self) -> None:
        while (shot := self._work.get()) is not None:
            try:
                self._show(shot.camera, packet(shot.decode(), shot.boxes, shot.camera, shot.key))
            except (ImageError, cv2.error) as error:
                self._show(shot.camera, _problem(shot.camera, str(error)))


def packet(image: BgrImage, boxes: Boxes | None, camera: int, key: int) -> bytes:
    """
    Return the picture and its boxes as a message for the page.

    ``image``: uint8, H x W x 3, BGR. Wider ones are sent no wider than ``WIDEST``; boxes stay in
    pixels of the image.
    """
    height, width = image.shape[:2]
    if width > WIDEST:
        size = (WIDEST, max(1, round(height * WIDEST / width)))
        image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
    _, jpeg = cv2.imencode('.jpg', image, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    drawn = None
    if boxes is not None:
        drawn = [
            [round(b.x1, 1), round(b.y1, 1), round(b.x2, 1), round(b.y2, 1), round(b.score, 3)]
            for b in boxes
        ]
    labels = [box.class_id for box in boxes or ()]
    head = {
        'camera': camera,
        'key': str(key),
        'width': width,
        'height': height,
        'boxes': drawn,
        'labels': labels,
    }
    return _framed(head, jpeg.tobytes())


def _problem(camera: int, text: str) -> bytes:
    return _framed({'camera': camera, 'problem': text}, b'')


def _framed(head: dict[str, object], body: bytes) -> bytes:
    text = json.dumps(head).encode()
    return struct.pack('>I', len(text)) + text + body
