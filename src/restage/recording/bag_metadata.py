# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""``metadata.yaml`` of a rosbag2 folder, version 9 (Jazzy and later)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from restage.recording.channel import Channel
from restage.recording.definitions import type_hash


@dataclass
class FileCount:
    """One storage file: how many messages, from when to when (ns since the epoch)."""

    name: str
    messages: int = 0
    first_ns: int = 0
    last_ns: int = 0

    def count(self, log_ns: int) -> None:
        """Count one message."""
        self.first_ns = min(self.first_ns, log_ns) if self.messages else log_ns
        self.last_ns = max(self.last_ns, log_ns)
        self.messages += 1


def metadata_text(files: Sequence[FileCount], topics: Sequence[tuple[Channel, int]]) -> str:
    """Return the file's text; ``topics`` with their numbers of messages."""
    filled = [file for file in files if file.messages]
    first = min((file.first_ns for file in filled), default=0)
    last = max((file.last_ns for file in filled), default=0)
    information = {
        'version': 9,
        'storage_identifier': 'mcap',
        'duration': {'nanoseconds': last - first},
        'starting_time': {'nanoseconds_since_epoch': first},
        'message_count': sum(file.messages for file in files),
        'topics_with_message_count': [
            {'topic_metadata': _topic(channel), 'message_count': count} for channel, count in topics
        ],
        # Chunks are compressed inside the file, which rosbag2 calls no compression of its own.
        'compression_format': '',
        'compression_mode': '',
        'relative_file_paths': [file.name for file in files],
        'files': [_file(file) for file in files],
        'custom_data': None,
        'ros_distro': '',
    }
    text = yaml.safe_dump({'rosbag2_bagfile_information': information}, sort_keys=False)
    return str(text)


def _topic(channel: Channel) -> dict[str, Any]:
    return {
        'name': channel.topic,
        'type': channel.msgtype,
        'serialization_format': 'cdr',
        'offered_qos_profiles': channel.offered,
        'type_description_hash': type_hash(channel.msgtype),
    }


def _file(file: FileCount) -> dict[str, Any]:
    return {
        'path': file.name,
        'starting_time': {'nanoseconds_since_epoch': file.first_ns},
        'duration': {'nanoseconds': file.last_ns - file.first_ns},
        'message_count': file.messages,
    }
