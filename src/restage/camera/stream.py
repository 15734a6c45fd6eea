# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Playing a source: its own thread, at a rate, once or over and over."""

from __future__ import annotations

import enum
import itertools
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

from restage.camera.errors import SourceError
from restage.camera.frame import Frame, FrameSource
from restage.camera.pacer import Pacer
from restage.camera.rate import RateMeter


class StreamState(enum.Enum):
    """
    What a stream does: WAITING -> STREAMING -> FINISHED, or FAILED or STOPPED from any.

    WAITING: the first frame is held back until ``ready()``. FINISHED: the source ended or
    the limit was reached. FAILED: the source broke. STOPPED: by ``stop()``.
    """

    WAITING = 'waiting'
    STREAMING = 'streaming'
    FINISHED = 'finished'
    FAILED = 'failed'
    STOPPED = 'stopped'


@dataclass(frozen=True)
class StreamSnapshot:
    """A stream at one moment: frames published, pass (from 0), real rate, late periods."""

    state: StreamState
    published: int
    loop: int
    rate_hz: float
    target_hz: float
    missed: int
    error: str


class FrameStream:
    """
    Reads a source in a thread of its own and hands each frame to ``publish(frame, loop)``.

    The next frame is made ready before its moment comes, so that reading overlaps waiting.
    ``ready`` is asked every 20 ms until it says that the first frame may go out; ``on_change``
    is called, in that thread, after every change of state. The source is closed at the end.

    :param rate_hz: 0.0 for the source's own.
    :param max_frames: 0 for no limit.
    """

    READY_POLL_S = 0.02

    def __init__(
        self,
        source: FrameSource,
        *,
        rate_hz: float,
        loop: bool,
        max_frames: int,
        publish: Callable[[Frame, int], None],
        ready: Callable[[], bool],
        on_change: Callable[[StreamSnapshot], None],
    ) -> None:
        self.source = source
        self.target_hz = rate_hz or source.rate_hz
        self._loop_forever = loop
        self._max_frames = max_frames
        self._publish = publish
        self._ready = ready
        self._on_change = on_change
        self._pacer = Pacer(self.target_hz)
        self._meter = RateMeter(window_s=max(2.0, 4.0 / self.target_hz))
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._state = StreamState.WAITING
        self._published = 0
        self._loop = 0
        self._error = ''
        self._thread = threading.Thread(target=self._run, name='frames', daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self, timeout_s: float = 5.0) -> bool:
        """Stop; return False if the thread is still busy with a frame after ``timeout_s``."""
        self._stop.set()
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def snapshot(self) -> StreamSnapshot:
        """Return how it stands now."""
        with self._lock:
            return StreamSnapshot(
                state=self._state,
                published=self._published,
                loop=self._loop,
                rate_hz=self._meter.rate_hz(time.monotonic_ns()),
                target_hz=self.target_hz,
                missed=self._pacer.missed,
                error=self._error,
            )

    def _run(self) -> None:
        try:
            self._enter(self._play())
        except SourceError as error:
            self._enter(StreamState.FAILED, str(error))
        except Exception as error:  # whatever it was, the node must say so and live on
            self._enter(StreamState.FAILED, f'{type(error).__name__}: {error}')
        finally:
            self.source.close()

    def _play(self) -> StreamState:
        for loop in itertools.count():
            with self._lock:
                self._loop = loop
            before = self._published
            with closing(self.source.frames()) as frames:
                for frame in frames:
                    if not self._wait():
                        return StreamState.STOPPED
                    self._publish(frame, loop)
                    with self._lock:
                        self._published += 1
                        self._meter.mark(time.monotonic_ns())
                    if self._published == self._max_frames:
                        return StreamState.FINISHED
            if self._published == before:
                raise SourceError(f'{self.source.description}: not one frame could be read')
            if not self._loop_forever:
                break
        return StreamState.FINISHED

    def _wait(self) -> bool:
        """Wait until the next frame may go out; return False when stopped meanwhile."""
        if self._state is StreamState.WAITING:
            while not self._ready():
                if self._stop.wait(self.READY_POLL_S):
                    return False
            self._enter(StreamState.STREAMING)
        return self._pacer.wait(self._stop)

    def _enter(self, state: StreamState, error: str = '') -> None:
        with self._lock:
            self._state, self._error = state, error
        self._on_change(self.snapshot())
