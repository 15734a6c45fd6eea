# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A rosbag2 folder of MCAP files, being written."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections import Counter
from pathlib import Path
from typing import BinaryIO

import yaml
from mcap.writer import CompressionType, Writer

from restage.recording.bag_metadata import FileCount, metadata_text
from restage.recording.channel import Channel
from restage.recording.definitions import definition_of, type_hash
from restage.recording.errors import RecordingError

COMPRESSIONS = {'zstd': CompressionType.ZSTD, 'none': CompressionType.NONE}
_OURS = ('.mcap', '.db3', '.yaml')


class BagWriter:
    """
    Writes messages to ``FOLDER/NAME_0.mcap`` and so on, and ``metadata.yaml`` at its end.

    What was flushed is readable whatever becomes of the process. After ``split_bytes`` (0: never)
    a new file is begun, each of which can be read on its own.

    :raises RecordingError: when the folder exists and may not be replaced, or cannot be made.
    """

    def __init__(
        self,
        folder: Path,
        *,
        compression: str = 'zstd',
        split_bytes: int = 0,
        replace: bool = False,
    ) -> None:
        self._folder = folder
        self._compression = COMPRESSIONS[compression]
        self._split_bytes = split_bytes
        self._channels: dict[str, Channel] = {}
        self._counts: Counter[str] = Counter()
        self._files: list[FileCount] = []
        self._written_before = 0
        self._schemas: dict[str, int] = {}
        self._ids: dict[str, int] = {}
        _make(folder, replace)
        self._begin_file()

    @property
    def written_bytes(self) -> int:
        """Return the size of all files so far, without the chunk in progress."""
        return self._written_before + self._stream.tell()

    def write(self, channel: Channel, log_ns: int, publish_ns: int, data: bytes) -> bool:
        """
        Add a serialized message (CDR); return whether it is the first of a file.

        :raises OSError: when it cannot be written.
        """
        if self._split_bytes and self._stream.tell() >= self._split_bytes:
            self._end_file()
            self._begin_file()
        file = self._files[-1]
        begun = file.messages == 0
        self._writer.add_message(
            self._channel_id(channel), log_time=log_ns, data=data, publish_time=publish_ns
        )
        self._counts[channel.topic] += 1
        file.count(log_ns)
        return begun

    def flush(self) -> None:
        """
        Have everything written so far on the disk.

        :raises OSError: when it cannot be written.
        """
        self._writer.flush()  # type: ignore[no-untyped-call]
        os.fsync(self._stream.fileno())

    def close(self) -> None:
        """
        End the last file and write the metadata.

        :raises OSError: when they cannot be written.
        """
        self._end_file()
        counted = [(channel, self._counts[topic]) for topic, channel in self._channels.items()]
        path = self._folder / 'metadata.yaml'
        part = path.with_suffix('.part')
        part.write_text(metadata_text(self._files, counted), encoding='utf-8')
        part.replace(path)

    def abandon(self) -> None:
        """Close the file as it is, without what cannot be written; harmless when repeated."""
        # It is closed even where what it still holds finds no room.
        with contextlib.suppress(OSError):
            self._stream.close()

    def _begin_file(self) -> None:
        name = f'{self._folder.name}_{len(self._files)}.mcap'
        self._files.append(FileCount(name))
        self._stream: BinaryIO = (self._folder / name).open('xb')
        self._writer = Writer(self._stream, compression=self._compression)
        self._writer.start(profile='ros2')
        self._schemas.clear()
        self._ids.clear()

    def _end_file(self) -> None:
        self._writer.finish()  # type: ignore[no-untyped-call]
        self._stream.flush()
        os.fsync(self._stream.fileno())
        self._written_before += self._stream.tell()
        self._stream.close()

    def _channel_id(self, channel: Channel) -> int:
        found = self._ids.get(channel.topic)
        if found is not None:
            return found
        schema = self._schemas.get(channel.msgtype)
        if schema is None:
            schema = self._schemas[channel.msgtype] = self._writer.register_schema(
                name=channel.msgtype,
                encoding='ros2msg',
                data=definition_of(channel.msgtype).encode(),
            )
        self._channels.setdefault(channel.topic, channel)
        offered = str(yaml.safe_dump(channel.offered, sort_keys=False)) if channel.offered else ''
        number = self._ids[channel.topic] = self._writer.register_channel(
            topic=channel.topic,
            message_encoding='cdr',
            schema_id=schema,
            metadata={
                'offered_qos_profiles': offered,
                'topic_type_hash': type_hash(channel.msgtype),
            },
        )
        return number


def _make(folder: Path, replace: bool) -> None:
    try:
        if folder.exists() and replace:
            _remove_bag(folder)
        folder.mkdir(parents=True)
    except FileExistsError:
        raise RecordingError(
            f"'{folder}' exists already; give another path, or set 'overwrite'"
        ) from None
    except OSError as error:
        raise RecordingError(f"'{folder}' cannot be made: {error.strerror or error}") from None


def _remove_bag(folder: Path) -> None:
    """Remove what a recorder wrote, and nothing else."""
    others = [] if not folder.is_dir() else [f for f in folder.iterdir() if f.suffix not in _OURS]
    if others or not folder.is_dir():
        raise RecordingError(f"'{folder}' is no recording, and is not overwritten")
    shutil.rmtree(folder)
