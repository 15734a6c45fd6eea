# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import threading
import time
from collections.abc import Generator
from dataclasses import dataclass, field

import numpy as np
import pytest

from restage.camera.errors import SourceError
from restage.camera.frame import Frame
from restage.camera.status import describe_status
from restage.camera.stream import FrameStream, StreamState
from restage.diagnosis.status import Level

PIXEL = np.zeros((2, 2, 3), np.uint8)


@dataclass
class FakeSource:
    """Frames out of nothing; after the last one it ends or breaks."""

    count: int
    breaks: Exception | None = None
    rate_hz: float = 500.0
    description: str = 'a fake'
    intrinsics: None = None
    closed: int = 0
    passes_let_go: int = 0

    def frames(self) -> Generator[Frame, None, None]:
        try:
            for index in range(self.count):
                yield Frame(index, PIXEL)
            if self.breaks:
                raise self.breaks
        finally:
            self.passes_let_go += 1

    def close(self) -> None:
        self.closed += 1


@dataclass
class Run:
    """A stream and everything it said."""

    source: FakeSource
    loop: bool = False
    max_frames: int = 0
    rate_hz: float = 0.0
    ready: threading.Event = field(default_factory=threading.Event)
    published: list[tuple[int, int]] = field(default_factory=list)
    states: list[StreamState] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)
    enough: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.stream = FrameStream(
            self.source,
            rate_hz=self.rate_hz,
            loop=self.loop,
            max_frames=self.max_frames,
            publish=self.publish,
            ready=self.ready.is_set,
            on_change=self.changed,
        )

    def publish(self, frame: Frame, loop: int) -> None:
        self.published.append((loop, frame.index))
        if len(self.published) >= 20:
            self.enough.set()

    def changed(self, snapshot) -> None:
        self.states.append(snapshot.state)
        if snapshot.state is not StreamState.STREAMING:
            self.ended.set()

    def play(self) -> None:
        self.ready.set()
        self.stream.start()
        assert self.ended.wait(60.0)
        assert self.stream.stop(60.0)


def test_once():
    run = Run(FakeSource(3))
    run.play()
    assert run.published == [(0, 0), (0, 1), (0, 2)]
    assert run.states == [StreamState.STREAMING, StreamState.FINISHED]
    assert run.source.closed == 1


def test_loop_up_to_a_limit_reads_not_one_frame_more():
    run = Run(FakeSource(3), loop=True, max_frames=7)
    run.play()
    assert run.published == [(n // 3, n % 3) for n in range(7)]
    assert run.stream.snapshot().published == 7
    assert run.stream.snapshot().loop == 2
    assert run.source.passes_let_go == 3


def test_nothing_before_ready():
    run = Run(FakeSource(3))
    run.stream.start()
    assert not run.ended.wait(0.2)
    assert run.published == []
    assert run.stream.snapshot().state is StreamState.WAITING
    run.ready.set()
    assert run.ended.wait(60.0)
    assert len(run.published) == 3


@pytest.mark.parametrize('started', [False, True])
def test_stop_while_waiting_or_streaming(started):
    run = Run(FakeSource(10**9), loop=True)
    if started:
        run.ready.set()
    run.stream.start()
    if started:
        assert run.enough.wait(60.0)
    assert run.stream.stop(60.0)
    assert run.states[-1] is StreamState.STOPPED
    assert run.source.closed == 1
    assert run.source.passes_let_go == 1


@pytest.mark.parametrize(
    ('breaks', 'message'),
    [(SourceError('bag x is broken'), 'bag x is broken'), (KeyError('k'), "KeyError: 'k'")],
)
def test_a_source_that_breaks(breaks, message):
    run = Run(FakeSource(2, breaks), loop=True)
    run.play()
    assert len(run.published) == 2
    snapshot = run.stream.snapshot()
    assert (snapshot.state, snapshot.error) == (StreamState.FAILED, message)
    assert run.source.closed == 1


def test_an_empty_pass_is_an_error_not_a_busy_loop():
    run = Run(FakeSource(0), loop=True)
    run.play()
    assert run.stream.snapshot().error == 'a fake: not one frame could be read'


def test_the_rate_asked_for_is_kept():
    run = Run(FakeSource(21), rate_hz=50.0)
    before = time.monotonic()
    run.play()
    assert time.monotonic() - before >= 20 / 50.0
    assert run.stream.snapshot().target_hz == 50.0


def status(run: Run | None = None, problem: str = '', skipped: int = 0):
    return describe_status(
        source='x', problem=problem, snapshot=run.stream.snapshot() if run else None,
        frames_total=9, skipped=skipped, subscribers=2,
    )  # fmt: skip


def test_status():
    run = Run(FakeSource(3))
    assert status(run).message == 'waiting'
    run.play()
    done = status(run)
    assert (done.level, done.message) == (Level.OK, 'finished')
    assert done.values['frames_out'] == 3
    assert done.values['frames_out_since_start'] == 9
    corrupt = status(run, skipped=4)
    assert (corrupt.level, corrupt.message) == (
        Level.WARN,
        'finished, 4 corrupt frame(s) skipped',
    )
    assert status(run, problem='the log is full').level is Level.WARN
    none = status(problem='no such file')
    assert (none.level, none.message) == (Level.ERROR, 'no such file')
    broken = Run(FakeSource(1, SourceError('gone')))
    broken.play()
    assert (status(broken).level, status(broken).message) == (Level.ERROR, 'gone')
