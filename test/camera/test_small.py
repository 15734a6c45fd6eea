# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Stamps, frame log, rate, skips, settings and camera numbers."""

from __future__ import annotations

import json
import math
from dataclasses import fields

import numpy as np
import pytest

from restage.camera.camera_info import nominal_intrinsics
from restage.camera.frame import Frame
from restage.camera.frame_log import FrameLog, FrameRecord, read_frame_log
from restage.camera.rate import RateMeter
from restage.camera.settings import CameraSettings
from restage.camera.skips import SkipTally
from restage.camera.stamps import Stamper

PIXEL = np.zeros((1, 1, 3), np.uint8)


def test_stamps_grow_even_if_the_clock_does_not():
    times = iter([100, 100, 50, 200])
    stamper = Stamper(lambda: next(times), use_source=False, period_ns=10)
    assert [stamper.stamp(Frame(0, PIXEL, 7), 0) for _ in range(4)] == [100, 101, 102, 200]
    later = Stamper(lambda: 20, use_source=False, period_ns=10, after_ns=stamper.last_ns)
    assert later.stamp(Frame(0, PIXEL), 0) == 201


def test_source_stamps_go_on_over_the_loop():
    stamper = Stamper(lambda: 10**6, use_source=True, period_ns=10)
    passes = [[stamper.stamp(Frame(0, PIXEL, ns), n) for ns in (500, 512, 520)] for n in range(3)]
    assert passes == [[500, 512, 520], [530, 542, 550], [560, 572, 580]]


def test_the_number_of_a_frame_tells_its_time_in_a_source_without_stamps():
    stamper = Stamper(lambda: 42, use_source=True, period_ns=10)
    given = [stamper.stamp(Frame(n, PIXEL), loop) for loop, n in ((0, 0), (0, 1), (1, 0))]
    assert given == [10, 20, 30]


def test_frame_log_is_complete_before_it_is_closed(tmp_path):
    path = tmp_path / 'frames.jsonl'
    log = FrameLog(path)
    records = [FrameRecord(1_700_000_000_123_456_789 + n, n, 0, 55 + n) for n in range(3)]
    for record in records:
        log.write(record)
    assert read_frame_log(path) == records
    line = json.loads(path.read_text().splitlines()[0])
    assert set(line) == {'stamp_ns', 'index', 'loop', 'published_monotonic_ns'}
    log.close()
    log.close()
    with path.open('a') as file:
        file.write('{"stamp_ns": 17')
    assert read_frame_log(path) == records


def test_a_second_log_appends(tmp_path):
    path = tmp_path / 'frames.jsonl'
    for number in range(2):
        log = FrameLog(path)
        log.write(FrameRecord(number, number, 0, 0))
        log.close()
    assert [record.index for record in read_frame_log(path)] == [0, 1]


def test_rate_meter():
    meter = RateMeter(window_s=1.0)
    assert meter.rate_hz(0) == 0.0
    for number in range(100):
        meter.mark(number * 50_000_000)
    assert meter.rate_hz(99 * 50_000_000) == pytest.approx(20.0)
    assert meter.rate_hz(99 * 50_000_000 + 2_000_000_000) == 0.0


def test_skips_are_all_counted_and_said_once():
    said: list[str] = []
    tally = SkipTally(said.append)
    for _ in range(3):
        tally(4, 2, 'bad.png')
    assert tally.count == 6
    assert said == ['skipped 2 frame(s): bad.png']


def test_settings_have_a_description_each():
    assert all(item.metadata['description'] for item in fields(CameraSettings))
    CameraSettings()


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        ({'reliability': 'sure'}, "'reliability' is 'sure'; it must be best_effort or reliable"),
        ({'rate_hz': -1.0}, r"'rate_hz' is -1\.0; it must be between 0\.0 and 1000\.0"),
        ({'rate_hz': math.nan}, "'rate_hz' is nan; it must be between"),
        ({'rate_hz': 30}, "'rate_hz' is 30; it must be a decimal, for example 0.0"),
        ({'width': 8}, "'width' is 8; it must be between 160 and 8192"),
        ({'loop': 1}, "'loop' is 1; it must be true or false"),
        ({'source': 5}, "'source' is 5; it must be a string"),
        ({'max_frames': True}, "'max_frames' is True; it must be an integer"),
    ],
)
def test_settings_refuse_by_name(change, message):
    with pytest.raises(ValueError, match=message):
        CameraSettings(**change)


def test_nominal_intrinsics():
    numbers = nominal_intrinsics(640, 384, fov_deg=90.0)
    assert numbers.k[0] == pytest.approx(320.0)
    assert numbers.k[4] == numbers.k[0] == numbers.p[0] == numbers.p[5]
    assert (numbers.k[2], numbers.k[5]) == (319.5, 191.5)
    assert (len(numbers.d), len(numbers.k), len(numbers.r), len(numbers.p)) == (5, 9, 9, 12)
    for width, height, fov in ((0, 5, 60.0), (5, 0, 60.0), (5, 5, 0.0), (5, 5, 180.0)):
        with pytest.raises(ValueError, match=r'size|field of view'):
            nominal_intrinsics(width, height, fov)
