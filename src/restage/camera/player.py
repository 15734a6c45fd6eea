# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""One camera's playing: which source is on, since when, what went wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from restage.camera.camera_info import Intrinsics, nominal_intrinsics
from restage.camera.errors import SourceError
from restage.camera.frame import Frame, FrameSource
from restage.camera.frame_log import FrameLog, FrameRecord
from restage.camera.settings import CameraSettings
from restage.camera.skips import SkipTally
from restage.camera.source import open_source
from restage.camera.stamps import Stamper
from restage.camera.status import describe_status
from restage.camera.stream import FrameStream, StreamSnapshot, StreamState
from restage.diagnosis.status import Status

Send = Callable[[Frame, int, Intrinsics], int | None]
"""Publishes a frame under a stamp (ns) with its calibration; returns CLOCK_MONOTONIC in ns of
that moment, or None when it could not be sent because everything is ending."""


class Player:
    """
    Plays one source at a time and outlives all of them.

    ``problems`` are by parameter name; while there is one, nothing starts.

    :param now_ns: the clock for stamps.
    :param ready: see ``FrameStream``.
    :param on_change: told, in the stream's thread, about every new state but STOPPED.
    :param warn: takes warnings for people.
    """

    def __init__(
        self,
        *,
        now_ns: Callable[[], int],
        send: Send,
        ready: Callable[[], bool],
        on_change: Callable[[StreamSnapshot], None],
        warn: Callable[[str], object],
    ) -> None:
        self.problems: dict[str, str] = {}
        self._now_ns = now_ns
        self._send = send
        self._ready = ready
        self._on_change = on_change
        self._warn = warn
        self._prepared: tuple[FrameSource, SkipTally] | None = None
        self._stream: FrameStream | None = None
        self._skips = SkipTally(warn)
        self._stamper = Stamper(now_ns, use_source=False, period_ns=1)
        self._log: FrameLog | None = None
        self._total = 0

    def open_log(self, path: str) -> None:
        """Log published frames to a file from now on; a failure becomes a problem."""
        try:
            self._log = FrameLog(Path(path).expanduser())
        except OSError as error:
            self.problems['frame_log'] = (
                f"parameter 'frame_log' is '{path}'; it must be a file that can be written: "
                f'{error.strerror}'
            )

    def prepare(self, settings: CameraSettings) -> None:
        """
        Open the source that the next ``play()`` starts; what plays now plays on.

        :raises SourceError: when it cannot be opened.
        """
        skips = SkipTally(self._warn)
        source = open_source(
            settings.source,
            seed=settings.seed,
            width=settings.width,
            height=settings.height,
            topic=settings.topic,
            on_skip=skips,
        )
        self._drop_prepared()
        self._prepared = source, skips

    def play(self, settings: CameraSettings) -> str:
        """
        Play the prepared source (or open it now) in place of the current one.

        Return what is played; an empty string when ``problems`` prevent it.
        """
        self.stop()
        if not self.problems and self._prepared is None:
            try:
                self.prepare(settings)
            except SourceError as error:
                self.problems['source'] = str(error)
        if self.problems or self._prepared is None:
            self._drop_prepared()
            return ''
        (source, self._skips), self._prepared = self._prepared, None
        self._stream = FrameStream(
            source,
            rate_hz=settings.rate_hz,
            loop=settings.loop,
            max_frames=settings.max_frames,
            publish=lambda frame, loop: self._publish(frame, loop, source.intrinsics),
            ready=self._ready,
            on_change=self._report,
        )
        self._stamper = Stamper(
            self._now_ns,
            use_source=settings.use_source_stamps,
            period_ns=round(1e9 / self._stream.target_hz),
            after_ns=self._stamper.last_ns,
        )
        self._stream.start()
        return source.description

    def status(self, source: str, subscribers: int) -> Status:
        """Return the status for diagnostics; the arguments are ``describe_status``'s."""
        stream = self._stream
        return describe_status(
            source=source,
            problem='; '.join(self.problems.values()),
            snapshot=stream.snapshot() if stream else None,
            frames_total=self._total,
            skipped=self._skips.count,
            subscribers=subscribers,
        )

    def stop(self) -> None:
        """Stop what plays."""
        stream, self._stream = self._stream, None
        if stream is not None and not stream.stop():
            self._warn(f'{stream.source.description} is slow to stop')

    def close(self) -> None:
        """Stop what plays and close all files."""
        self.stop()
        self._drop_prepared()
        if self._log is not None:
            self._log.close()

    def _drop_prepared(self) -> None:
        if self._prepared is not None:
            self._prepared[0].close()
        self._prepared = None

    def _publish(self, frame: Frame, loop: int, intrinsics: Intrinsics | None) -> None:
        height, width = frame.image.shape[:2]
        if intrinsics is None or (intrinsics.width, intrinsics.height) != (width, height):
            intrinsics = nominal_intrinsics(width, height)
        stamp_ns = self._stamper.stamp(frame, loop)
        sent_ns = self._send(frame, stamp_ns, intrinsics)
        if sent_ns is None:
            return
        self._total += 1
        if self._log is not None and 'frame_log' not in self.problems:
            try:
                self._log.write(FrameRecord(stamp_ns, frame.index, loop, sent_ns))
            except OSError as error:
                # The pictures matter more than the record of them.
                self.problems['frame_log'] = f'the frame log is incomplete: {error.strerror}'
                self._warn(self.problems['frame_log'])

    def _report(self, snapshot: StreamSnapshot) -> None:
        if snapshot.state is not StreamState.STOPPED:
            self._on_change(snapshot)
