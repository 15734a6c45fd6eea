# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import threading

import pytest

from restage.cameras import LATE_NS
from restage.stages.frame import FrameJob, ResumeJob
from restage.stages.queue import FrameQueue

DEADLINE_S = 60.0


def job(stamp_ns: int) -> FrameJob:
    return FrameJob(stamp_ns=stamp_ns, frame_id='camera', image=None)


def resume(stamp_ns: int, frame: FrameJob | None = None) -> ResumeJob:
    return ResumeJob(stamp_ns=stamp_ns, from_node='a', boundary=2, frame=frame)


def getter(queue: FrameQueue) -> tuple[threading.Thread, list[object]]:
    """A thread that gets one frame, and where it puts it."""
    got: list[object] = []
    thread = threading.Thread(target=lambda: got.append(queue.get()), daemon=True)
    thread.start()
    return thread, got


def drain(queue: FrameQueue, count: int) -> list[int]:
    got = [queue.get() for _ in range(count)]
    return [one.stamp_ns for one in got if one is not None]


def test_a_standby_keeps_the_newest_frames_and_reports_none_as_lost() -> None:
    queue = FrameQueue(3)
    assert [queue.put(job(stamp)) for stamp in range(1, 9)] == [None] * 8
    queue.promote((0,))
    assert queue.put(job(9)) == job(6)
    assert drain(queue, 3) == [7, 8, 9]


def test_a_primary_loses_its_oldest_frame_when_full_and_says_which() -> None:
    queue = FrameQueue(2)
    queue.promote((0,))
    lost = [queue.put(job(stamp)) for stamp in (1, 2, 3, 4)]
    assert [one and one.stamp_ns for one in lost] == [None, None, 1, 2]
    assert drain(queue, 2) == [3, 4]


def test_a_promoted_queue_hands_out_the_resume_first_and_then_only_later_frames() -> None:
    queue = FrameQueue(8)
    for stamp in (1, 2, 3, 4):
        queue.put(job(stamp))
    queue.promote((2,), resume(2))
    first = queue.get()
    assert first == resume(2, job(2))
    assert drain(queue, 2) == [3, 4]


def test_a_promotion_without_a_frame_in_flight_hands_out_only_later_frames() -> None:
    queue = FrameQueue(8)
    for stamp in (1, 2, 3):
        queue.put(job(stamp))
    queue.promote((2,))
    queue.put(job(4))
    assert drain(queue, 2) == [3, 4]


def test_a_resumed_frame_whose_image_was_never_received_has_none() -> None:
    queue = FrameQueue(8)
    queue.put(job(6))
    queue.promote((5,), resume(5))
    assert queue.get() == resume(5)
    assert drain(queue, 1) == [6]


def test_a_frame_wakes_who_waits_for_one() -> None:
    queue = FrameQueue(2)
    queue.promote((0,))
    thread, got = getter(queue)
    queue.put(job(1))
    thread.join(DEADLINE_S)
    assert got == [job(1)]


def test_a_promotion_wakes_who_waits_at_a_standby() -> None:
    queue = FrameQueue(2)
    queue.put(job(1))
    thread, got = getter(queue)
    assert got == []
    queue.promote((0,))
    thread.join(DEADLINE_S)
    assert got == [job(1)]


def test_stop_ends_a_waiting_get_and_every_later_one() -> None:
    queue = FrameQueue(2)
    thread, got = getter(queue)
    queue.stop()
    thread.join(DEADLINE_S)
    assert got == [None]
    queue.promote((0,))
    queue.put(job(1))
    assert queue.get() is None


def test_a_demoted_queue_hands_out_nothing_and_keeps_its_frames() -> None:
    queue = FrameQueue(4)
    queue.promote((0,), resume(1))
    queue.put(job(2))
    queue.demote()
    thread, got = getter(queue)
    assert queue.put(job(3)) is None
    queue.promote((2,))
    thread.join(DEADLINE_S)
    assert got == [job(3)]  # not the resume of the earlier promotion


def test_the_image_of_the_resumed_frame_is_still_there_when_the_resume_is_handed_out() -> None:
    queue = FrameQueue(8)
    for stamp in (1, 2, 3):
        queue.put(job(stamp))
    queue.promote((2,), resume(2))
    # Without a whole checkpoint the frame is begun anew from its image.
    assert queue.get() == resume(2, job(2))
    assert drain(queue, 1) == [3]


def test_a_frame_the_dead_primary_had_that_arrives_late_is_not_handed_out() -> None:
    queue = FrameQueue(8)
    queue.promote((2,), resume(2))
    assert [queue.put(job(stamp)) for stamp in (1, 2, 3)] == [None] * 3
    assert queue.get() == resume(2)
    queue.put(job(4))
    assert drain(queue, 2) == [3, 4]


def test_a_late_frame_takes_no_room_from_a_fresh_one() -> None:
    queue = FrameQueue(1)
    queue.promote((2,))
    assert queue.put(job(3)) is None
    assert queue.put(job(1)) is None
    assert drain(queue, 1) == [3]


@pytest.mark.parametrize(('age_ns', 'taken'), [(0, False), (LATE_NS - 1, False), (LATE_NS, True)])
def test_a_stamp_far_below_the_takeover_means_that_time_was_reset(age_ns: int, taken: bool) -> None:
    after_ns = 2 * LATE_NS
    queue = FrameQueue(8)
    queue.promote((after_ns,))
    queue.put(job(after_ns - age_ns))
    queue.put(job(after_ns + 1))
    assert drain(queue, 1) == [after_ns - age_ns if taken else after_ns + 1]


def test_a_standby_takes_frames_of_any_stamp() -> None:
    queue = FrameQueue(8)
    queue.promote((5,))
    queue.demote()
    for stamp in (3, 6):
        queue.put(job(stamp))
    queue.promote((2,))
    assert drain(queue, 2) == [3, 6]


# Waiting, and looking without taking


def test_without_work_a_get_with_a_timeout_is_none() -> None:
    queue = FrameQueue(2)
    assert queue.get(0.0) is None
    queue.promote((0,))
    assert queue.get(0.001) is None
    queue.put(job(1))
    assert queue.get(0.0) == job(1)


def test_a_standby_gets_nothing_however_many_frames_wait() -> None:
    queue = FrameQueue(2)
    queue.put(job(1))
    assert queue.get(0.001) is None
    queue.promote((0,))
    assert queue.get(0.0) == job(1)


def test_a_frame_ends_a_get_before_its_timeout() -> None:
    queue = FrameQueue(2)
    queue.promote((0,))
    got: list[object] = []
    thread = threading.Thread(target=lambda: got.append(queue.get(DEADLINE_S)), daemon=True)
    thread.start()
    queue.put(job(1))
    thread.join(DEADLINE_S)
    assert got == [job(1)]


def test_the_newest_frame_can_be_seen_without_being_taken() -> None:
    queue = FrameQueue(2)
    assert queue.newest() is None
    for stamp in (1, 2, 3):
        queue.put(job(stamp))
    assert queue.newest() == queue.newest() == job(3)
    queue.promote((0,))
    assert drain(queue, 2) == [2, 3]
    assert queue.newest() is None


def test_a_queue_is_open_while_its_node_is_primary() -> None:
    queue = FrameQueue(2)
    assert not queue.is_open()
    queue.promote((0,))
    assert queue.is_open()
    queue.demote()
    assert not queue.is_open()


def test_a_queue_that_was_stopped_says_so() -> None:
    queue = FrameQueue(2)
    assert not queue.stopped
    queue.stop()
    assert queue.stopped
    assert queue.get(DEADLINE_S) is None


# The image of a frame that is resumed


def test_the_image_that_waited_is_there_at_once() -> None:
    queue = FrameQueue(8)
    queue.put(job(5))
    queue.promote((5,), resume(5))
    taken = queue.get(0.0)
    assert queue.image_of(taken, DEADLINE_S) == job(5)


def test_an_image_that_arrives_after_the_takeover_is_waited_for_and_no_frame_of_its_own() -> None:
    queue = FrameQueue(8)
    queue.promote((5,), resume(5))
    taken = queue.get(0.0)
    got: list[object] = []
    thread = threading.Thread(
        target=lambda: got.append(queue.image_of(taken, DEADLINE_S)), daemon=True
    )
    thread.start()
    queue.put(job(6))
    assert queue.put(job(5)) is None
    thread.join(DEADLINE_S)
    assert got == [job(5)]
    assert drain(queue, 1) == [6]
    queue.put(job(5))  # once more, for whatever reason
    assert queue.get(0.001) is None


def test_an_image_that_arrives_before_it_is_asked_for_is_kept() -> None:
    queue = FrameQueue(8)
    queue.promote((5,), resume(5))
    queue.put(job(5))
    taken = queue.get(0.0)
    assert taken == resume(5)
    assert queue.image_of(taken, 0.0) == job(5)


def test_an_image_that_does_not_arrive_in_time_is_none_and_not_taken_later() -> None:
    queue = FrameQueue(8)
    queue.promote((5,), resume(5))
    taken = queue.get(0.0)
    assert queue.image_of(taken, 0.001) is None
    queue.put(job(5))
    queue.put(job(6))
    assert drain(queue, 1) == [6]
    assert queue.image_of(taken, 0.0) is None


def test_stop_ends_the_wait_for_an_image() -> None:
    queue = FrameQueue(8)
    queue.promote((5,), resume(5))
    taken = queue.get(0.0)
    got: list[object] = []
    thread = threading.Thread(
        target=lambda: got.append(queue.image_of(taken, 100 * DEADLINE_S)), daemon=True
    )
    thread.start()
    queue.stop()
    thread.join(DEADLINE_S)
    assert got == [None]


def test_an_image_that_was_awaited_in_an_earlier_takeover_is_forgotten() -> None:
    queue = FrameQueue(8)
    queue.promote((5,), resume(5))
    queue.put(job(5))
    queue.demote()
    queue.promote((7,), resume(7))
    taken = queue.get(0.0)
    assert queue.image_of(taken, 0.001) is None


def test_a_frame_that_was_overtaken_is_the_one_that_is_lost() -> None:
    queue = FrameQueue(8)
    queue.promote((0,))
    late = job(2)
    assert [queue.put(job(1)), queue.put(job(3)), queue.put(late)] == [None, None, late]
    assert drain(queue, 2) == [1, 3]


def test_a_standby_forgets_a_frame_that_was_overtaken() -> None:
    queue = FrameQueue(8)
    assert [queue.put(job(stamp)) for stamp in (1, 3, 2)] == [None] * 3
    queue.promote((0,))
    assert drain(queue, 2) == [1, 3]


def test_stamps_that_begin_anew_are_no_late_ones() -> None:
    queue = FrameQueue(8)
    queue.promote((0,))
    assert [queue.put(job(stamp)) for stamp in (2 * LATE_NS, 1, 2)] == [None] * 3
    assert drain(queue, 3) == [2 * LATE_NS, 1, 2]


def of(camera: int, stamp_ns: int) -> FrameJob:
    return FrameJob(stamp_ns=stamp_ns, frame_id='camera', image=None, camera=camera)


def test_a_frame_of_another_camera_does_not_overtake() -> None:
    queue = FrameQueue(8)
    queue.promote(())
    assert [queue.put(one) for one in (of(0, 16), of(1, 9), of(0, 24), of(1, 25))] == [None] * 4
    assert queue.put(of(1, 17)) == of(1, 17)
    assert drain(queue, 4) == [16, 9, 24, 25]


def test_a_takeover_hands_out_what_was_not_dealt_with_of_each_camera() -> None:
    queue = FrameQueue(8)
    for one in (of(0, 16), of(0, 24), of(1, 9), of(1, 17)):
        queue.put(one)
    # The dead primary was at frame 24 of the first camera, but had not got further with the other.
    queue.promote((24, 9))
    assert queue.put(of(1, 25)) is None
    assert drain(queue, 2) == [17, 25]


def test_a_late_frame_of_a_camera_that_the_dead_primary_never_had_is_taken() -> None:
    queue = FrameQueue(8)
    queue.promote((24,))
    assert queue.put(of(1, 9)) is None
    assert drain(queue, 1) == [9]


def test_a_frame_that_comes_twice_is_worked_on_once_and_is_no_loss() -> None:
    queue = FrameQueue(8)
    queue.promote((0,))
    assert [queue.put(job(stamp)) for stamp in (1, 1, 2, 2)] == [None] * 4
    assert drain(queue, 2) == [1, 2]
    assert queue.get(0.0) is None


def test_what_was_dealt_with_long_ago_is_not_handed_out_again_from_a_long_queue() -> None:
    queue = FrameQueue(8)
    for stamp in (1, LATE_NS, 2 * LATE_NS, 2 * LATE_NS + 1):
        queue.put(job(stamp))
    queue.promote((2 * LATE_NS,))
    assert drain(queue, 1) == [2 * LATE_NS + 1]
    assert queue.get(0.0) is None


def test_a_frame_with_the_stamp_0_is_a_frame() -> None:
    queue = FrameQueue(8)
    queue.promote(())
    assert queue.put(job(0)) is None
    assert drain(queue, 1) == [0]


def test_what_a_standby_keeps_from_before_the_clock_was_set_back_does_not_come_out() -> None:
    late = 2 * LATE_NS
    queue = FrameQueue(8)
    for one in (of(0, late), of(1, late + 1), of(0, late + 8), of(0, 8)):
        queue.put(one)
    queue.promote((8, late - 7), resume(8))
    assert queue.get() == resume(8, of(0, 8))
    assert drain(queue, 1) == [late + 1]
    assert queue.get(0.0) is None
