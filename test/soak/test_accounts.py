# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np
import pytest

from restage.camera.frame_log import FrameLog, FrameRecord
from restage.soak.accounts import Accounts
from restage.soak.log_tail import LogTail

RIGHT = np.ones((1, 6))


@pytest.fixture
def accounts() -> Accounts:
    found = Accounts({0: RIGHT})
    for stamp in range(10, 60, 10):
        found.on_published(FrameRecord(stamp, 0, 0, stamp))
    return found


def test_every_frame_once_and_in_order(accounts) -> None:
    for stamp in range(10, 60, 10):
        accounts.on_output(stamp, stamp + 5, RIGHT)
    window = accounts.close()
    assert (window.frames_in, window.frames_out) == (5, 5)
    assert not (window.lost or window.differing or window.twice or window.late or window.invented)


def test_what_is_wrong_is_named(accounts) -> None:
    accounts.on_output(20, 25, RIGHT)
    accounts.on_output(40, 45, RIGHT + 1)
    accounts.on_output(30, 46, RIGHT)
    accounts.on_output(20, 47, RIGHT)
    accounts.on_output(7, 48, RIGHT)
    accounts.on_dropped(10, 'queue_full')
    window = accounts.close()
    assert window.lost == {10: 'queue_full'}
    assert window.differing == [40]
    assert window.twice == [20]
    assert window.late == [30, 7]
    assert window.invented == [7]


def test_a_frame_may_come_out_before_its_record_is_read() -> None:
    accounts = Accounts({0: RIGHT})
    accounts.on_output(10, 15, RIGHT)
    accounts.on_published(FrameRecord(10, 0, 0, 9))
    window = accounts.close()
    assert (window.frames_out, window.invented) == (1, [])


def test_frames_are_open_until_a_newer_one_came_out(accounts) -> None:
    accounts.on_output(20, 25, RIGHT)
    assert list(accounts.close().lost) == [10]
    accounts.on_output(50, 55, RIGHT)
    assert list(accounts.close().lost) == [30, 40]


def test_silence_is_the_longest_time_between_outputs(accounts) -> None:
    for received_ms in (0, 30, 400, 430):
        accounts.on_output(10 + received_ms, received_ms * 1_000_000 + 1, RIGHT)
    assert accounts.close().silence_ms == 370.0


def test_a_log_is_read_line_by_line_while_it_is_written(tmp_path) -> None:
    path = tmp_path / 'frames.jsonl'
    tail = LogTail(path)
    assert tail.read() == []
    log = FrameLog(path)
    log.write(FrameRecord(1, 0, 0, 5))
    assert [one.stamp_ns for one in tail.read()] == [1]
    with path.open('a') as file:
        file.write('{"stamp_ns": 2,')
    assert tail.read() == []
    with path.open('a') as file:
        file.write(' "index": 0, "loop": 0, "published_monotonic_ns": 6}\n')
    assert [one.stamp_ns for one in tail.read()] == [2]
    log.close()
