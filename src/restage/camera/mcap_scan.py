# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""MCAP files without their index, read from the beginning as far as they go."""

from __future__ import annotations

import functools
import os
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from mcap.records import Channel, Message, Schema
from mcap.stream_reader import StreamReader
from rosbags.interfaces import (
    Connection,
    ConnectionExtRosbag2,
    MessageDefinition,
    MessageDefinitionFormat,
)

from restage.camera.bag_file import shortened

_MAGIC = b'\x89MCAP0\r\n'
_LARGEST_RECORD = 2**30


class McapScan:
    """
    The whole chunks of a recording: of one that was cut off, all that was flushed.

    It can do what ``BagSource`` asks of a reader of rosbags. ``cut`` says what ended the reading
    early; empty: nothing did.
    """

    def __init__(self, files: Sequence[Path]) -> None:
        self.cut = ''
        self._files = list(files)

    @functools.cached_property
    def connections(self) -> list[Connection]:
        """Return the topics that have messages, with how many; reads everything once."""
        found: dict[str, Connection] = {}
        counts: Counter[str] = Counter()
        for connection, _, _, _ in self.timed_messages():
            counts[connection.topic] += 1
            found.setdefault(connection.topic, connection)
        return [c._replace(msgcount=counts[topic]) for topic, c in found.items()]

    def timed_messages(self) -> Iterator[tuple[Connection, int, int, bytes]]:
        """Yield connection, log time, publish time (ns since the epoch), serialized message."""
        for file in self._files:
            schemas: dict[int, str] = {}
            channels: dict[int, Connection] = {}
            try:
                with file.open('rb') as stream:
                    reader = StreamReader(
                        stream, validate_crcs=True, record_size_limit=_LARGEST_RECORD
                    )
                    for record in reader.records:
                        if isinstance(record, Schema):
                            schemas[record.id] = record.name
                        elif isinstance(record, Channel):
                            channels[record.id] = _connection(record, schemas, self)
                        elif isinstance(record, Message):
                            yield (
                                channels[record.channel_id],
                                record.log_time,
                                record.publish_time,
                                record.data,
                            )
            except Exception as error:  # whatever a parser stumbles over in half a file
                self.cut = f'{file.name}: {shortened(error)}'
                return

    def messages(
        self, connections: Collection[Connection] = ()
    ) -> Iterator[tuple[Connection, int, bytes]]:
        """Yield connection, log time in ns and serialized message of these topics (none: all)."""
        topics = {connection.topic for connection in connections}
        for connection, log_ns, _, data in self.timed_messages():
            if not topics or connection.topic in topics:
                yield connection, log_ns, data


def mcap_files(path: Path) -> list[Path]:
    """Return the MCAP files of a bag (a folder or a file) in their order."""
    if path.is_file():
        return [path] if path.suffix == '.mcap' else []

    def number(file: Path) -> tuple[int, str]:
        tail = file.stem.rpartition('_')[2]
        return (int(tail) if tail.isdecimal() else 0, file.name)

    return sorted(path.glob('*.mcap'), key=number)


def is_whole(file: Path) -> bool:
    """Return whether an MCAP file has its end."""
    with file.open('rb') as stream:
        if stream.seek(0, os.SEEK_END) < 2 * len(_MAGIC):
            return False
        stream.seek(-len(_MAGIC), os.SEEK_END)
        return stream.read() == _MAGIC


def _connection(channel: Channel, schemas: dict[int, str], owner: object) -> Connection:
    return Connection(
        id=channel.id,
        topic=channel.topic,
        msgtype=schemas.get(channel.schema_id, ''),
        msgdef=MessageDefinition(MessageDefinitionFormat.NONE, ''),
        digest=channel.metadata.get('topic_type_hash', ''),
        msgcount=0,
        ext=ConnectionExtRosbag2(channel.message_encoding, []),
        owner=owner,
    )
