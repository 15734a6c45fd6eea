# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The recorder: takes messages from any thread, writes them in one of its own."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from restage.camera.bag_topics import COMPRESSED
from restage.camera.errors import ImageError
from restage.recording.bag_writer import BagWriter
from restage.recording.channel import Channel
from restage.recording.gaps import Gaps
from restage.recording.intake import Intake, Item
from restage.recording.notes import CLOCK, END, START, STRING, TOPIC, note, serialized
from restage.recording.pictures import compressed
from restage.recording.settings import RecordSettings
from restage.report.machine import machine, versions

# What a power cut takes away is at most what came since the last flush.
FLUSH_S = 1.0
MB = 1_000_000


class Recorder:
    """
    Writes what ``put`` is given to a new recording until ``close``.

    A disk that is slow costs messages, never time: they are dropped, images first, and counted.
    ``problem`` says why nothing more is written, if so.

    :param run: what is known of the run that is recorded; kept in the recording.
    :raises RecordingError: when the recording cannot be begun.
    """

    def __init__(
        self, settings: RecordSettings, run: Mapping[str, Any], namespace: str = '/'
    ) -> None:
        self.intake = Intake(settings.queue_mb * MB)
        self.gaps = Gaps()
        self.problem = ''
        self.written: Counter[str] = Counter()
        self._settings = settings
        self._bag = BagWriter(
            Path(settings.path).expanduser(),
            compression=settings.compression,
            split_bytes=settings.split_mb * MB,
            replace=settings.overwrite,
        )
        self._notes = Channel(f'{namespace.rstrip("/")}/{TOPIC}', STRING)
        self._pictures: dict[str, Channel] = {}
        self.written_bytes = 0
        self._start = {
            'images': settings.images,
            'run': dict(run),
            'machine': machine(),
            'versions': versions(),
        }
        self._thread = threading.Thread(target=self._work, name='recorder', daemon=True)
        self._thread.start()

    def put(self, item: Item) -> None:
        """Take a message; what finds no room is counted."""
        self.intake.put(item)

    def close(self, timeout_s: float = 6.0) -> bool:
        """Write what is queued and end the recording; return whether that was done in time."""
        self.intake.close()
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def counts(self) -> dict[str, dict[str, int]]:
        """Return, by topic, what was written, dropped here, and lost before it came here."""
        return {
            'written': dict(self.written),
            'dropped': dict(self.intake.dropped),
            'missing': dict(self.gaps.missing),
        }

    def _work(self) -> None:
        try:
            self._record()
            self._note(END, self.counts())
            self._bag.close()
        except Exception as error:  # disk full, gone, ...: said, never raised in the node
            self.problem = f'nothing more is recorded: {error}'
            self.intake.abandon()
            self._bag.abandon()

    def _record(self) -> None:
        self._note(START, self._start)
        flush_at = time.monotonic() + FLUSH_S
        while not self.intake.ended:
            item = self.intake.take(max(0.0, flush_at - time.monotonic()))
            if item is not None:
                self._write(item)
            if time.monotonic() >= flush_at:
                self._note(CLOCK, self.counts())
                self._bag.flush()
                self.written_bytes = self._bag.written_bytes
                flush_at = time.monotonic() + FLUSH_S
                self._check_limit()

    def _check_limit(self) -> None:
        limit = self._settings.limit_mb
        if limit and self.written_bytes >= limit * MB:
            self.problem = f'the limit of {limit} MB is reached: nothing more is recorded'
            self.intake.close()

    def _write(self, item: Item) -> None:
        channel, data = item.channel, item.data
        if channel.image and self._settings.images in ('jpeg', 'png'):
            try:
                data = compressed(data, self._settings.images, self._settings.jpeg_quality)
                channel = self._picture(channel)
            except ImageError:
                # No common encoding: as it came rather than not at all.
                data = item.data
        self._add(channel, item.received_ns, item.published_ns, data)
        self.written[channel.topic] += 1

    def _add(self, channel: Channel, log_ns: int, publish_ns: int, data: bytes) -> None:
        """Write a message; every file of a recording says by itself what it is."""
        if self._bag.write(channel, log_ns, publish_ns, data):
            self._note(START, self._start)

    def _picture(self, channel: Channel) -> Channel:
        found = self._pictures.get(channel.topic)
        if found is None:
            found = Channel(f'{channel.topic}/compressed', COMPRESSED, channel.offered, image=True)
            self._pictures[channel.topic] = found
        return found

    def _note(self, event: str, content: Mapping[str, Any]) -> None:
        said = note(event, content)
        at_ns = said['realtime_ns']
        if event == START:
            self._bag.write(self._notes, at_ns, at_ns, serialized(said))
        else:
            self._add(self._notes, at_ns, at_ns, serialized(said))
