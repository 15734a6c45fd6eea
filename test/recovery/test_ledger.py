# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from restage.cameras import LATE_NS, Cameras
from restage.recovery.ledger import FrameLedger


def running(*published: int) -> FrameLedger:
    """Accounts that have begun: frame 1 came out; then ``published`` were published."""
    ledger = FrameLedger()
    ledger.on_published(1)
    ledger.on_detected(1)
    for stamp in published:
        ledger.on_published(stamp)
    return ledger


def balances(ledger: FrameLedger) -> bool:
    """Let one more frame come out: after it none is open, each was either detected or lost."""
    ledger.on_published(1000)
    ledger.on_detected(1000)
    return ledger.published == ledger.detected + sum(ledger.lost.values())


def test_frames_that_come_out_in_order_are_all_detected_and_none_lost() -> None:
    ledger = running(2, 3)
    ledger.on_detected(2)
    ledger.on_detected(3)
    assert (ledger.published, ledger.detected, ledger.lost) == (3, 3, {})
    assert (ledger.newest_published, ledger.newest_detected) == (3, 3)
    assert (ledger.duplicates, ledger.out_of_order) == (0, 0)


def test_a_second_output_of_a_frame_is_a_duplicate_and_not_counted_again() -> None:
    ledger = running()
    ledger.on_detected(1)
    assert (ledger.detected, ledger.duplicates) == (1, 1)


def test_an_output_older_than_the_newest_is_out_of_order() -> None:
    ledger = running(2, 3)
    ledger.on_detected(3)
    ledger.on_detected(2)
    assert (ledger.detected, ledger.out_of_order, ledger.newest_detected) == (3, 1, 3)
    assert ledger.was_detected(2)


def test_camera_info_that_comes_after_the_detections_opens_no_frame() -> None:
    ledger = running()
    ledger.on_detected(2)
    ledger.on_published(2)
    assert (ledger.published, ledger.detected) == (2, 2)
    assert ledger.lost_between(1, 2) == 0
    assert balances(ledger)


def test_camera_info_that_comes_twice_while_the_frame_is_in_work_is_one_frame() -> None:
    ledger = running(2, 2)
    assert ledger.published == 2


def test_a_frame_is_lost_once_a_later_one_has_come_out_and_not_before() -> None:
    ledger = running(2, 3)
    assert ledger.lost == {}
    ledger.on_detected(3)
    assert ledger.lost == {'not_received': 1}
    assert not ledger.was_detected(2)


def test_a_lost_frame_is_counted_under_the_reason_its_node_gave() -> None:
    ledger = running(2, 3, 4)
    ledger.on_dropped(2, 'finite')
    ledger.on_dropped(3, 'queue_full')
    ledger.on_dropped(99, 'unknown frame')
    ledger.on_detected(4)
    assert ledger.lost == {'finite': 1, 'queue_full': 1}


def test_frames_lost_in_a_span_include_those_still_open() -> None:
    ledger = running(2, 3, 4, 5, 6)
    ledger.on_detected(4)
    assert ledger.lost_between(2, 6) == 4
    assert ledger.lost_between(3, 5) == 2
    assert ledger.lost_between(4, 4) == 0


def test_what_the_camera_saw_before_the_first_output_is_nobodys_loss() -> None:
    ledger = FrameLedger()
    for stamp in (1, 2, 3):
        ledger.on_published(stamp)
    ledger.on_detected(3)
    assert (ledger.published, ledger.detected, ledger.lost) == (1, 1, {})
    assert ledger.lost_between(0, 3) == 0


def test_only_so_many_frames_are_remembered_and_the_counts_stay() -> None:
    ledger = FrameLedger(capacity=10)
    for stamp in range(1, 101):
        ledger.on_published(stamp)
        ledger.on_detected(stamp)
    assert (ledger.published, ledger.detected) == (100, 100)
    assert [stamp for stamp in range(1, 101) if ledger.was_detected(stamp)] == [*range(91, 101)]


# Every frame's camera info is heard, each stream in its own order; some detections never come.
@st.composite
def interleavings(draw: st.DrawFn) -> list[tuple[str, int]]:
    frames = range(2, 2 + draw(st.integers(1, 12)))
    came_out = [frame for frame in frames if draw(st.booleans())]
    streams = {
        'published': list(frames),
        'detected': came_out,
        'dropped': [frame for frame in frames if frame not in came_out and draw(st.booleans())],
    }
    turns = [name for name, stream in streams.items() for _ in stream]
    return [(name, streams[name].pop(0)) for name in draw(st.permutations(turns))]


def play(ledger: FrameLedger, events: Sequence[tuple[str, int]]) -> None:
    for what, stamp in events:
        if what == 'published':
            ledger.on_published(stamp)
        elif what == 'detected':
            ledger.on_detected(stamp)
        else:
            ledger.on_dropped(stamp, 'finite')


@given(interleavings())
def test_the_accounts_balance_however_the_topics_interleave(events: list[tuple[str, int]]) -> None:
    ledger = running()
    play(ledger, events)
    assert ledger.detected == 1 + sum(what == 'detected' for what, _ in events)
    assert balances(ledger)


@given(st.permutations(range(2, 8)), st.integers(0, 5))
def test_the_accounts_balance_though_frames_come_out_in_another_order(
    order: Sequence[int], missing: int
) -> None:
    ledger = running(*range(2, 8))
    for stamp in order[missing:]:
        ledger.on_detected(stamp)
    assert balances(ledger)


def test_a_camera_without_a_primary_does_not_grow_the_accounts_for_ever() -> None:
    ledger = FrameLedger(capacity=10)
    for stamp in range(1, 1001):
        ledger.on_published(stamp)
        assert ledger.lost_between(1, stamp) <= 20  # 10 that wait and 10 that are closed


def test_no_more_frames_than_the_capacity_are_remembered() -> None:
    ledger = FrameLedger(capacity=10)
    for stamp in range(1, 1001):
        ledger.on_published(stamp)
    assert ledger.lost_between(1, 1000) <= 10


def test_a_frame_counted_as_lost_that_comes_out_after_all_is_no_longer_lost() -> None:
    ledger = running(2, 3, 4)
    ledger.on_dropped(2, 'finite')
    ledger.on_detected(4)
    assert ledger.lost == {'finite': 1, 'not_received': 1}
    ledger.on_detected(2)
    assert ledger.lost == {'not_received': 1}
    assert ledger.was_detected(2)
    assert ledger.lost_between(2, 4) == 1
    assert (ledger.detected, ledger.duplicates, ledger.out_of_order) == (3, 0, 1)
    ledger.on_detected(2)
    assert (ledger.detected, ledger.duplicates) == (3, 1)
    assert ledger.lost == {'not_received': 1}


def test_however_long_there_was_no_primary_what_came_before_is_nobodys_loss() -> None:
    ledger = FrameLedger(capacity=10)
    for stamp in range(1, 21):
        ledger.on_published(stamp)
    ledger.on_detected(20)
    assert (ledger.published, ledger.detected, ledger.lost) == (1, 1, {})
    assert ledger.lost_between(1, 20) == 0


def two_cameras() -> FrameLedger:
    """Accounts of two cameras; frame 8 of the first has come out."""
    ledger = FrameLedger(Cameras(('left', 'right')))
    ledger.on_published(8)
    ledger.on_detected(8)
    return ledger


def test_a_frame_is_not_lost_because_a_later_one_of_another_camera_came_out() -> None:
    ledger = two_cameras()
    for stamp in (16, 17, 24):
        ledger.on_published(stamp)
    ledger.on_detected(16)
    ledger.on_detected(24)
    assert ledger.waits(24)
    ledger.on_detected(17)
    assert (ledger.detected, ledger.out_of_order, ledger.lost) == (4, 0, {})
    assert ledger.newest == [24, 17]
    assert not ledger.waits(24)


def test_it_is_lost_when_a_later_one_of_its_own_camera_came_out() -> None:
    ledger = two_cameras()
    for stamp in (17, 25):
        ledger.on_published(stamp)
    ledger.on_detected(25)
    assert ledger.lost == {'not_received': 1}


def test_what_another_camera_saw_before_the_accounts_began_is_not_counted() -> None:
    ledger = FrameLedger(Cameras(('left', 'right')))
    for stamp in (9, 16):
        ledger.on_published(stamp)
    ledger.on_detected(16)
    ledger.on_detected(9)
    ledger.on_published(9)
    assert (ledger.published, ledger.detected, ledger.out_of_order, ledger.lost) == (1, 1, 0, {})


def test_a_clock_that_is_set_back_begins_the_accounts_anew() -> None:
    high = 5 * LATE_NS
    ledger = FrameLedger()
    for stamp in (high, high + 1):
        ledger.on_published(stamp)
    ledger.on_detected(high)
    for stamp in (1, 2, 3):
        ledger.on_published(stamp)
    assert ledger.newest_published == 3
    ledger.on_detected(1)
    ledger.on_detected(3)
    assert (ledger.out_of_order, ledger.newest_detected) == (0, 3)
    assert (ledger.published, ledger.detected) == (5, 3)
    # The old clock's frame will not come any more; nor will the one that was passed over.
    assert ledger.lost == {'not_received': 2}
    assert not ledger.waits(2 * high)


def test_a_frame_a_little_late_is_out_of_order_and_no_clock() -> None:
    ledger = running(2, 3)
    ledger.on_detected(3)
    ledger.on_detected(2)
    assert (ledger.out_of_order, ledger.newest_detected) == (1, 3)
