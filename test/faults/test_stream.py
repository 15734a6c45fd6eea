# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Faults of a stream of images: what passes, when, and with which pixels."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import numpy as np
import pytest

from restage.faults.command import Fault
from restage.faults.enums import FaultState, Persistence, When
from restage.faults.errors import FaultError
from restage.faults.kind import Place
from restage.faults.record import FaultRecord
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


@pytest.mark.parametrize(('kind', 'overtaken'), [('input.delay', False), ('comm.delay', True)])
def test_a_late_image_is_held_back(kind, overtaken):
    stream = Stream(fault(kind, delay_ms=200.0))
    (passing,) = stream.send(2)
    assert passing.release_ns - time.monotonic_ns() > 100e6
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


def test_nothing_passes_while_the_link_is_cut():
    stream = Stream(fault('comm.partition', partition_ms=60.0))
    stream.send(2)
    stream.send(3)
    time.sleep(0.07)
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
    end = time.monotonic() + 5.0
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.001)


def passing(stamp: int, late_ms: float = 0.0, *, overtaken: bool = False) -> Passing:
    release = time.monotonic_ns() + round(late_ms * 1e6)
    return Passing(stamp_ns=stamp, pixels=image(0), release_ns=release, overtaken=overtaken)


@pytest.mark.parametrize(('overtaken', 'order'), [(False, [1, 2, 3]), (True, [1, 3, 2])])
def test_who_comes_behind_a_late_image_waits_unless_it_overtakes(overtaken, order):
    sent: list[tuple[int, int]] = []
    release = Release(lambda one: sent.append((one.stamp_ns, time.monotonic_ns())))
    late = passing(2, 40.0, overtaken=overtaken)
    for one in (passing(1), late, passing(3)):
        release.add(one)
    wait_until(lambda: len(sent) == 3)
    release.stop()
    assert [stamp for stamp, _ in sent] == order
    assert dict(sent)[2] >= late.release_ns


def test_the_thread_ends_with_images_left():
    before = threading.active_count()
    release = Release(lambda _: None)
    release.add(passing(1, 60_000.0))
    release.stop()
    assert threading.active_count() == before
