# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Which messages of a recording belong to which camera, and its images."""

from __future__ import annotations

import heapq
from collections.abc import Generator, Iterable, Mapping
from contextlib import ExitStack, closing
from pathlib import Path

from restage.camera.bag_source import BagSource
from restage.camera.bag_topics import camera_info_topic
from restage.camera.frame import Frame
from restage.cameras import Cameras
from restage.recording.errors import RecordingError
from restage.recording.reader import Message


class RecordedCameras:
    """
    The cameras of a recording; a frame has the name that the events in it use.

    :param infos: the topics with a ``camera_info``.
    :param names: the cameras of the run, with commas between; empty: one without a name.
    :raises RecordingError: when it is not clear which is which.
    """

    def __init__(self, infos: Iterable[str], names: str) -> None:
        called = [name.strip() for name in names.split(',') if name.strip()]
        found = sorted({_owner(topic) for topic in infos})
        if len(called) < 2 and len(found) < 2:
            self.cameras = Cameras()
        elif set(found) <= set(called):
            self.cameras = Cameras.called(called)
        else:
            raise RecordingError(
                f'the recording has camera_info of several cameras ({", ".join(found)}), and '
                f'{f"says that they are {names}" if called else "does not say which"}; accepted: '
                'the names that its recorder was given with --cameras'
            )

    def key(self, message: Message) -> int:
        """
        Return what the frame of a message with a header is called, ns.

        :raises RecordingError: when the message is of no camera of these.
        """
        return self.cameras.key(message.stamp_ns, self.number(message.topic))

    def number(self, topic: str) -> int:
        """
        Return the number of the camera that has this topic.

        :raises RecordingError: when none has it.
        """
        if len(self.cameras) == 1:
            return 0
        if _owner(topic) not in self.cameras.names:
            names = ', '.join(self.cameras.names)
            raise RecordingError(f"'{topic}' is of none of the recording's cameras ({names})")
        return self.cameras.names.index(_owner(topic))


def _owner(topic: str) -> str:
    """Return the last part of a topic's namespace."""
    return topic.rpartition('/')[0].rpartition('/')[2]


class RecordedImages:
    """
    The images of all cameras, in order of ``numbers``: by the key of a frame, its number.

    :raises SourceError: when there are none that can be read.
    """

    def __init__(
        self,
        path: Path,
        topics: Iterable[str],
        cameras: RecordedCameras,
        numbers: Mapping[int, int],
    ) -> None:
        self._cameras = cameras.cameras
        self._numbers = numbers
        if len(self._cameras) == 1:
            self._bags = [(0, BagSource(path, '', _skip))]
        else:
            self._bags = [
                (cameras.number(camera_info_topic(topic)), BagSource(path, topic, _skip))
                for topic in topics
            ]
        self.rate_hz = sum(bag.rate_hz for _, bag in self._bags)
        self.description = '; '.join(bag.description for _, bag in self._bags)
        self.intrinsics = self._bags[0][1].intrinsics

    def frames(self) -> Generator[Frame, None, None]:
        """Read them once."""
        with ExitStack() as stack:
            streams = [
                stack.enter_context(closing(self._numbered(camera, bag)))
                for camera, bag in self._bags
            ]
            yield from heapq.merge(*streams, key=lambda frame: frame.index)

    def _numbered(self, camera: int, bag: BagSource) -> Generator[Frame, None, None]:
        with closing(bag.frames()) as frames:
            for frame in frames:
                key = self._cameras.key(frame.stamp_ns or 0, camera)
                if key in self._numbers:
                    yield Frame(self._numbers[key], frame.image, frame.stamp_ns)

    def close(self) -> None:
        """Nothing is held between passes."""


def _skip(*_: object) -> None:
    """Say nothing of images that cannot be read: their frames are compared with nothing."""
