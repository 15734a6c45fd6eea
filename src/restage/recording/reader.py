# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Reading a recording: MCAP, whole or cut off, or another rosbag2."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from restage.camera.bag_file import find_bag, opened_bag
from restage.camera.errors import SourceError
from restage.camera.mcap_scan import McapScan, mcap_files
from restage.nodes.stamps import of_serialized
from restage.nodes.unusable import UnusableMessageError
from restage.recording.definitions import type_hash, typestore
from restage.recording.errors import RecordingError
from restage.recording.notes import END, START, STRING, TOPIC, deserialized

# CDR's encapsulation and the stamp, which a std_msgs/Header begins with.
_HEADER_BYTES = 12


@dataclass(frozen=True)
class Message:
    """
    One serialized message (CDR).

    ``log_ns``: receipt, ``publish_ns``: publication (where it was recorded, else the receipt), both
    ns since the epoch.
    """

    topic: str
    msgtype: str
    log_ns: int
    publish_ns: int
    data: bytes

    @property
    def stamp_ns(self) -> int:
        """
        Return the stamp of its header, ns.

        :raises RecordingError: when it has none, or one that cannot be.
        """
        try:
            return of_serialized(self.data)
        except UnusableMessageError as error:
            raise RecordingError(f"a message on '{self.topic}' is damaged: {error}") from None


class Recording:
    """
    A rosbag2; ``notes`` is what its recorder said in it, if that was Restage's.

    :raises RecordingError: when it is no bag, or broken, or of other types of the same names.
    """

    def __init__(self, path: Path) -> None:
        if not path.exists():
            raise RecordingError(f"'{path}' does not exist; accepted: a rosbag2 folder or file")
        try:
            found = find_bag(path)
        except SourceError as error:
            raise RecordingError(str(error)) from None
        if found is None:
            raise RecordingError(f"'{path}' is no rosbag2; accepted: its folder, .mcap or .db3")
        self.path = found
        self.cut = ''
        self._counts: Counter[str] = Counter()
        self._files = mcap_files(found)
        self.notes: list[dict[str, Any]] = []
        for message in self.messages((STRING,)):
            if message.topic.rpartition('/')[2] == TOPIC:
                try:
                    self.notes.append(deserialized(message.data))
                except Exception as error:  # anybody may publish text on a topic of that name
                    raise RecordingError(
                        f"'{path}': what its recorder noted cannot be read: {error}"
                    ) from None

    @property
    def start(self) -> dict[str, Any]:
        """Return the first note of the recorder; empty where there is none."""
        return next((note for note in self.notes if note['event'] == START), {})

    def topics(self) -> list[str]:
        """Return the topics."""
        return sorted(self._counts)

    def messages(
        self, msgtypes: Collection[str], headers_of: Collection[str] = ()
    ) -> Iterator[Message]:
        """
        Yield the messages of these types in order of receipt.

        :param headers_of: types of which only the beginning, with the header's stamp, is kept.
        :raises RecordingError: when the recording is broken.
        """
        self._counts.clear()
        checked: set[str] = set()
        chosen = []
        for message, digest in self._raw():
            self._counts[message.topic] += 1
            if message.msgtype in headers_of:
                chosen.append(replace(message, data=message.data[:_HEADER_BYTES]))
            elif message.msgtype in msgtypes:
                if message.msgtype not in checked:
                    checked.add(message.msgtype)
                    _check_type(message.msgtype, digest)
                chosen.append(message)
        yield from sorted(chosen, key=lambda message: message.log_ns)

    def summary(self) -> dict[str, Any]:
        """Return what a report says about the recording itself."""
        last = self.notes[-1] if self.notes else {}
        return {
            'path': str(self.path),
            'ended': last.get('event') == END,
            'cut': self.cut,
            'images': self.start.get('images', ''),
            'dropped': last.get('dropped', {}),
            'missing': last.get('missing', {}),
            'recorder_cpu_percent': self._cpu_percent(),
        }

    def _cpu_percent(self) -> float | None:
        """Return how much of a core the recorder took while there were detections."""
        busy = [
            (note['monotonic_ns'], note['cpu_s'])
            for note in self.notes
            if any(topic.endswith('/detections') for topic in note.get('written', {}))
        ]
        if len(busy) < 2 or busy[-1][0] <= busy[0][0]:
            return None
        (begin_ns, begin_s), (end_ns, end_s) = busy[0], busy[-1]
        return float(round(100e9 * (end_s - begin_s) / (end_ns - begin_ns), 1))

    def _raw(self) -> Iterator[tuple[Message, str]]:
        if not self._files:
            try:
                with opened_bag(self.path) as bag:
                    for connection, log_ns, data in bag.messages():
                        topic, msgtype = connection.topic, connection.msgtype
                        yield Message(topic, msgtype, log_ns, log_ns, data), connection.digest
            except SourceError as error:
                raise RecordingError(str(error)) from None
            return
        scan = McapScan(self._files)
        empty = True
        for connection, log_ns, publish_ns, data in scan.timed_messages():
            empty = False
            topic, msgtype = connection.topic, connection.msgtype
            yield Message(topic, msgtype, log_ns, publish_ns, data), connection.digest
        self.cut = scan.cut
        if empty:
            raise RecordingError(
                f"'{self.path}' is empty, broken or cut short: not one message is whole"
                + (f'; {scan.cut}' if scan.cut else '')
            )


def _check_type(msgtype: str, digest: str) -> None:
    """
    Compare a type of the recording with the installed one of that name.

    :raises RecordingError: when they differ.
    """
    if digest and msgtype in typestore().fielddefs and digest != type_hash(msgtype):
        raise RecordingError(
            f'{msgtype} was another type where this was recorded ({digest}): it needs the messages '
            'of that version'
        )
