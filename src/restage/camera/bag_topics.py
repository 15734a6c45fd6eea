# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Which topic of a bag to play, and where its calibration is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from restage.camera.errors import SourceError

if TYPE_CHECKING:
    from rosbags.interfaces import Connection

IMAGE = 'sensor_msgs/msg/Image'
COMPRESSED = 'sensor_msgs/msg/CompressedImage'
CAMERA_INFO = 'sensor_msgs/msg/CameraInfo'


def choose_topic(path: Path, connections: list[Connection], topic: str) -> str:
    """
    Return the image topic to play: the one asked for, or the only one.

    :raises SourceError: when there is none, not that one, or several and none was asked for.
    """
    counts: dict[str, int] = {}
    for connection in connections:
        if connection.msgtype in (IMAGE, COMPRESSED):
            counts[connection.topic] = counts.get(connection.topic, 0) + connection.msgcount
    if not counts:
        found = ', '.join(sorted({f'{c.topic} ({c.msgtype})' for c in connections})) or 'none'
        raise SourceError(
            f"source '{path}': the bag has no image topic ({IMAGE} or {COMPRESSED}); "
            f'its topics: {found}'
        )
    listed = ', '.join(f'{name} ({count} messages)' for name, count in sorted(counts.items()))
    filled = [name for name, count in counts.items() if count]
    if topic:
        chosen = topic if topic in counts else f'/{topic}'
        if chosen not in counts:
            raise SourceError(
                f"source '{path}': the bag has no image topic '{topic}'; its image topics: {listed}"
            )
    elif len(filled) > 1:
        raise SourceError(
            f"source '{path}': the bag has several image topics, choose one with the parameter "
            f"'topic': {listed}"
        )
    else:
        chosen = filled[0] if filled else next(iter(counts))
    if not counts[chosen]:
        raise SourceError(f"source '{path}': the image topic '{chosen}' has no messages")
    return chosen


def camera_info_topic(topic: str) -> str:
    """Return the topic that, by ROS's habit, has the calibration of an image topic."""
    namespace = topic.removesuffix('/compressed').rpartition('/')[0]
    return f'{namespace}/camera_info'
