# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Faults of a stream of images: what passes, when, and with which pixels."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest

from restage.faults.command import Fault
from restage.faults.enums import FaultState, Persistence, When
from restage.faults.errors import FaultError
from restage.faults.kind import Place
from restage.faults.record import FaultRecord
from restage.faults.stream import injector as module
from restage.faults.stream.effects import EFFECTS, PARTITION, REORDER
from restage.faults.stream.injector import StreamInjector
from restage.faults.stream.passage import Passing
from restage.faults.stream.release import Release
from restage.faults.taxonomy import KINDS

ARMED, FIRED, CLEARED, REJECTED = FaultState


def image(value: int) -> np.ndarray:
    return np.full((20, 30), value, np.uint8)


def fault(kind: str, persistence: Persistence = Persistence.TRANSIENT, **parameters) -> Fault:
    return Fault(
        id=kind, kind=kind, when=When.BEFORE, persistence=persistence, parameters=parameters
    )


class Stream:
    """An injector, and all that came out of it."""

    def __init__(self, *faults: Fault) -> None:
        self.records: list[FaultRecord] = []
        self.injector = StreamInjector(self.records.append)
        self.out: list[Passing] = []
        self.send(1)
        for one in faults:
            self.injector.arm(one)

    def send(self, stamp: int) -> list[Passing]:
        found = self.injector.pass_on(stamp, image(stamp))
        self.out += found
        return found

    def stamps(self) -> list[int]:
        return [passing.stamp_ns for passing in self.out]

    def fired(self) -> list[str]:
        return [record.detail for record in self.records if record.state is FIRED]


class Clock:
    """CLOCK_MONOTONIC of the injector, which stands still unless it is told otherwise."""

    def __init__(self) -> None:
        self.now_ns = 10**12


@pytest.fixture
def clock(monkeypatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, 'time', SimpleNamespace(monotonic_ns=lambda: clock.now_ns))
    return clock


def test_every_kind_of_a_stream_has_an_effect():
    kinds = {kind.name for kind in KINDS if kind.place is Place.STREAM}
    assert kinds == {*EFFECTS, REORDER, PARTITION}


def test_without_a_fault_images_pass_as_they_are():
    stream = Stream()
    (passing,) = stream.send(2)
    assert (passing.pixels == 2).all()
    assert passing.release_ns <= time.monotonic_ns()


@pytest.mark.parametrize('kind', ['input.drop', 'comm.drop'])
def test_one_image_is_lost(kind):
    stream = Stream(fault(kind))
    for stamp in (2, 3, 4):
        stream.send(stamp)
    assert stream.stamps() == [1, 3, 4]
    assert [record.state for record in stream.records] == [ARMED, FIRED, CLEARED]
    assert stream.records[1].stamp_ns == 2


def test_a_frozen_camera_sends_old_pixels_under_new_stamps():
    stream = Stream(fault('input.freeze'))
    (passing,) = stream.send(2)
    assert passing.stamp_ns == 2
    assert (passing.pixels == 1).all()
    assert (stream.send(3)[0].pixels == 3).all()


def test_a_reordered_image_comes_after_the_next():
    stream = Stream(fault('input.reorder'))
    for stamp in (2, 3, 4):
        stream.send(stamp)
    assert stream.stamps() == [1, 3, 2, 4]
    assert (stream.out[2].pixels == 2).all()


def test_images_that_are_reordered_all_the_time_change_places_in_pairs():
    stream = Stream(fault('input.reorder', Persistence.PERMANENT))
    for stamp in range(2, 8):
        stream.send(stamp)
    assert stream.stamps() == [1, 3, 2, 5, 4, 7, 6]
    assert len(stream.fired()) == 3


def test_what_an_image_came_in_goes_with_it():
    stream = Stream(fault('input.reorder'), fault('input.noise', Persistence.PERMANENT))
    out = [
        passing
        for stamp in (2, 3, 4)
        for passing in stream.injector.pass_on(stamp, image(stamp), f'message {stamp}')
    ]
    assert [one.source for one in out] == ['message 3', 'message 2', 'message 4']


@pytest.mark.parametrize(('kind', 'overtaken'), [('input.delay', False), ('comm.delay', True)])
def test_a_late_image_is_held_back(kind, overtaken, clock):
    stream = Stream(fault(kind, delay_ms=200.0))
    (passing,) = stream.send(2)
    assert passing.release_ns == clock.now_ns + 200_000_000
    assert passing.overtaken is overtaken


def test_the_lower_rows_are_those_of_the_image_before():
    stream = Stream(fault('input.partial_loss', fraction=0.25))
    (passing,) = stream.send(2)
    assert (passing.pixels[:15] == 2).all()
    assert (passing.pixels[15:] == 1).all()


def test_noise_has_the_sigma_asked_for_and_the_seed_decides():
    one, other = Stream(fault('input.noise', sigma=8.0)), Stream(fault('input.noise', sigma=8.0))
    pixels = [
        stream.injector.pass_on(2, np.full((200, 300), 128, np.uint8))[0].pixels
        for stream in (one, other)
    ]
    assert np.array_equal(*pixels)
    assert np.std(pixels[0].astype(float)) == pytest.approx(8.0, rel=0.05)


def test_exactly_so_many_bits_are_flipped():
    stream = Stream(fault('input.bit_corrupt', count=37))
    (passing,) = stream.send(2)
    changed = np.bitwise_xor(passing.pixels, image(2))
    assert int(np.unpackbits(changed).sum()) == 37


def test_the_sender_keeps_its_pixels():
    for kind in EFFECTS:
        stream = Stream(fault(kind))
        mine = image(2)
        stream.injector.pass_on(2, mine)
        assert (mine == 2).all(), kind


def test_nothing_passes_while_the_link_is_cut(clock):
    stream = Stream(fault('comm.partition', partition_ms=60.0))
    stream.send(2)
    clock.now_ns += 59_000_000
    stream.send(3)
    clock.now_ns += 1_000_000
    stream.send(4)
    assert stream.stamps() == [1, 4]


def test_an_intermittent_fault_lasts_until_it_is_cleared():
    stream = Stream(fault('input.drop', Persistence.INTERMITTENT))
    for stamp in (2, 3):
        stream.send(stamp)
    assert stream.injector.clear('input.drop')
    stream.send(4)
    assert stream.stamps() == [1, 4]
    assert not stream.injector.clear('input.drop')


def test_a_fault_of_a_detector_is_refused():
    with pytest.raises(
        FaultError, match=r"'proc\.kill' acts in a detector; accepted target: primary"
    ):
        Stream(Fault(id='f', kind='proc.kill', when=When.BEFORE))


def wait_until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 60.0
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.001)


def passing(stamp: int, late_ms: float = 0.0, *, overtaken: bool = False) -> Passing:
    release = time.monotonic_ns() + round(late_ms * 1e6)
    return Passing(stamp_ns=stamp, pixels=image(0), release_ns=release, overtaken=overtaken)


def never(one: Passing, error: Exception) -> None:
    raise AssertionError(f'{one.stamp_ns}: {error}')


@pytest.mark.parametrize(('overtaken', 'order'), [(False, [1, 2, 3]), (True, [1, 3, 2])])
def test_who_comes_behind_a_late_image_waits_unless_it_overtakes(overtaken, order):
    sent: list[tuple[int, int]] = []
    release = Release(lambda one: sent.append((one.stamp_ns, time.monotonic_ns())), never)
    late = passing(2, 40.0, overtaken=overtaken)
    for one in (passing(1), late, passing(3)):
        release.add(one)
    wait_until(lambda: len(sent) == 3)
    release.stop()
    assert [stamp for stamp, _ in sent] == order
    assert dict(sent)[2] >= late.release_ns


def test_what_finds_no_room_is_lost_and_said_and_there_is_room_again_later():
    sent, failed = [], []
    may_send = threading.Event()

    def send(one: Passing) -> None:
        assert may_send.wait(5.0)
        sent.append(one.stamp_ns)

    room_bytes = 2 * image(0).nbytes
    release = Release(
        send, lambda one, error: failed.append((one.stamp_ns, str(error))), room_bytes=room_bytes
    )
    release.add(passing(1))
    wait_until(lambda: not release._waiting)  # it is being sent
    for stamp in (2, 3, 4):
        release.add(passing(stamp))
    assert failed == [(4, f'no more than {room_bytes} bytes of images may wait')]
    may_send.set()
    wait_until(lambda: len(sent) == 3)
    release.add(passing(5))
    wait_until(lambda: len(sent) == 4)
    release.stop()
    assert sent == [1, 2, 3, 5]
    assert len(failed) == 1


def test_the_thread_ends_with_images_left():
    release = Release(lambda _: None, never)
    release.add(passing(1, 600_000.0))
    assert release._thread.is_alive()
    release.stop()
    wait_until(lambda: not release._thread.is_alive())


def test_an_image_that_cannot_be_sent_is_told_and_the_next_one_comes():
    """The thread died, and nothing came through for good: found by `restage soak`."""
    sent, failed = [], []

    def send(one: Passing) -> None:
        if one.stamp_ns == 1:
            raise RuntimeError('deque mutated during iteration')
        sent.append(one.stamp_ns)

    release = Release(send, lambda one, error: failed.append((one.stamp_ns, str(error))))
    for stamp in (1, 2):
        release.add(passing(stamp))
    wait_until(lambda: sent)
    release.stop()
    assert sent == [2]
    assert failed == [(1, 'deque mutated during iteration')]
