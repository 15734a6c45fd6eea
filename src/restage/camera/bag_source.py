# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""An image topic of a rosbag2 recording (sqlite3 or MCAP), read without ROS."""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from restage.camera.bag_file import opened_bag
from restage.camera.bag_message import decode_camera_info, decode_frame
from restage.camera.bag_topics import CAMERA_INFO, camera_info_topic, choose_topic
from restage.camera.camera_info import Intrinsics
from restage.camera.errors import EncodingError, ImageError, SourceError
from restage.camera.frame import Frame, OnSkip

if TYPE_CHECKING:
    from rosbags.rosbag2 import Reader

    from restage.camera.mcap_scan import McapScan

FALLBACK_RATE_HZ = 10.0
# The rate is the median over this many messages: recordings have gaps and jitter.
RATE_MESSAGES = 31


class BagSource:
    """
    One image topic of a bag; messages that cannot be decoded are skipped and reported.

    :raises SourceError: when the bag is broken, the topic is not clear, or its images are of
        a kind that cannot be read.
    """

    def __init__(self, path: Path, topic: str, on_skip: OnSkip) -> None:
        self._path = path
        self._on_skip = on_skip
        with opened_bag(path) as reader:
            self._topic = choose_topic(path, reader.connections, topic)
            self._intrinsics = self._read_intrinsics(reader)
            self._rate_hz = self._measure_rate(reader)
            self._check_readable(reader)

    def _messages(self, reader: Reader | McapScan) -> Iterator[tuple[str, int, bytes]]:
        """Yield (message type, recording time in ns, bytes) of the chosen topic."""
        chosen = [c for c in reader.connections if c.topic == self._topic]
        for connection, recorded_ns, raw in reader.messages(chosen):
            yield connection.msgtype, recorded_ns, raw

    def _read_intrinsics(self, reader: Reader | McapScan) -> Intrinsics | None:
        name = camera_info_topic(self._topic)
        found = [c for c in reader.connections if c.topic == name and c.msgtype == CAMERA_INFO]
        if not found:
            return None
        for _, _, raw in reader.messages(found):
            try:
                return decode_camera_info(raw)
            except ImageError:
                continue
        return None

    def _measure_rate(self, reader: Reader | McapScan) -> float:
        times = [ns for _, ns, _ in itertools.islice(self._messages(reader), RATE_MESSAGES)]
        gaps = [after - before for before, after in itertools.pairwise(times) if after > before]
        return 1e9 / statistics.median(gaps) if gaps else FALLBACK_RATE_HZ

    def _check_readable(self, reader: Reader | McapScan) -> None:
        first_error: ImageError | None = None
        for msgtype, _, raw in self._messages(reader):
            try:
                decode_frame(raw, msgtype)
            except EncodingError as error:
                raise SourceError(
                    f"source '{self._path}', topic '{self._topic}': {error}"
                ) from None
            except ImageError as error:
                first_error = first_error or error
            else:
                return
        raise SourceError(
            f"source '{self._path}', topic '{self._topic}': not one image can be read; "
            f'{first_error}'
        )

    @property
    def rate_hz(self) -> float:
        """The rate the topic was recorded at."""
        return self._rate_hz

    @property
    def description(self) -> str:
        """Path, topic and rate."""
        return f'bag {self._path}, topic {self._topic}, {self._rate_hz:.4g} Hz'

    @property
    def intrinsics(self) -> Intrinsics | None:
        """The calibration recorded beside the images, if any."""
        return self._intrinsics

    def frames(self) -> Generator[Frame, None, None]:
        """Read the topic once; ``index`` is the number of the message on the topic."""
        with opened_bag(self._path) as reader:
            for index, (msgtype, recorded_ns, raw) in enumerate(self._messages(reader)):
                try:
                    image, stamp_ns = decode_frame(raw, msgtype)
                except ImageError as error:
                    self._on_skip(index, 1, f"topic '{self._topic}', image {index}: {error}")
                else:
                    yield Frame(index, image, stamp_ns or recorded_ns)

    def close(self) -> None:
        """Nothing is held between passes."""
