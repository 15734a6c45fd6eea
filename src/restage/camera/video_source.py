# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A video file, through OpenCV."""

from __future__ import annotations

import math
import os
from collections.abc import Generator
from pathlib import Path

import cv2
import numpy as np

from restage.camera.camera_info import Intrinsics
from restage.camera.errors import SourceError
from restage.camera.frame import Frame, OnSkip

VIDEO_SUFFIXES = (
    '.mp4', '.m4v', '.mov', '.mkv', '.avi', '.webm', '.mpg', '.mpeg', '.ts', '.wmv', '.flv',
)  # fmt: skip
FALLBACK_RATE_HZ = 25.0
# OpenCV often reads on after a damaged part; this many failures in a row mean it will not.
GIVE_UP_AFTER = 5


class VideoSource:
    """
    The frames of a video file; frames that cannot be decoded are skipped and reported.

    :raises SourceError: when OpenCV cannot open it or read one frame.
    """

    def __init__(self, path: Path, on_skip: OnSkip) -> None:
        self._path = path
        self._on_skip = on_skip
        capture = self._open()
        try:
            rate = capture.get(cv2.CAP_PROP_FPS)
            self._rate_hz = rate if math.isfinite(rate) and rate > 0.0 else FALLBACK_RATE_HZ
            self._announced = max(0, int(capture.get(cv2.CAP_PROP_FRAME_COUNT)))
            if not capture.read()[0]:
                raise SourceError(f"source '{path}': not one frame of this video can be read")
        finally:
            capture.release()

    def _open(self) -> cv2.VideoCapture:
        # FFmpeg's own complaints would bury the one clear message.
        os.environ.setdefault('OPENCV_FFMPEG_LOGLEVEL', '-8')
        capture = cv2.VideoCapture(str(self._path))
        if not capture.isOpened():
            raise SourceError(
                f"source '{self._path}': not a video that can be read "
                f'(accepted: {", ".join(VIDEO_SUFFIXES)}, as far as OpenCV decodes them)'
            )
        return capture

    @property
    def rate_hz(self) -> float:
        """The video's own rate; 25 where it does not say."""
        return self._rate_hz

    @property
    def description(self) -> str:
        """Path, announced frames and rate."""
        return f'video {self._path}, {self._announced} frames at {self._rate_hz:g} Hz'

    @property
    def intrinsics(self) -> Intrinsics | None:
        """None: videos carry no calibration."""
        return None

    def frames(self) -> Generator[Frame, None, None]:
        """Decode the video once; ``index`` is the number of the frame in the file."""
        capture = self._open()
        try:
            index = failures = 0
            while True:
                ok, image = capture.read()
                if ok:
                    if failures:
                        self._skip(index - failures, failures)
                        failures = 0
                    yield Frame(index, np.asarray(image, np.uint8))
                elif index >= self._announced or failures + 1 >= GIVE_UP_AFTER:
                    break
                else:
                    failures += 1
                index += 1
            first_lost = index - failures
            if first_lost < self._announced:
                self._skip(first_lost, self._announced - first_lost)
        finally:
            capture.release()

    def _skip(self, first: int, count: int) -> None:
        self._on_skip(
            first,
            count,
            f"video '{self._path}': {count} frame(s) from number {first} on cannot be decoded "
            f'({self._announced} announced)',
        )

    def close(self) -> None:
        """Nothing is held between passes."""
