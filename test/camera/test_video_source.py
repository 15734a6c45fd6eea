# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from restage.camera.errors import SourceError
from restage.camera.video_source import VideoSource


def test_frames_rate_and_repeat(make_video, picture, skips):
    source = VideoSource(make_video(10, 20.0), skips)
    assert source.rate_hz == pytest.approx(20.0)
    first, second = list(source.frames()), list(source.frames())
    assert [frame.index for frame in first] == list(range(10))
    for one, again in zip(first, second, strict=True):
        np.testing.assert_array_equal(one.image, again.image)
        assert np.abs(one.image.astype(int) - picture(one.index)).mean() < 12
    assert skips.calls == []


def test_frames_stay_as_they_were_while_reading_on(make_video, skips):
    frames = VideoSource(make_video(3), skips).frames()
    one = next(frames).image
    copy = one.copy()
    next(frames)
    np.testing.assert_array_equal(one, copy)


def test_real_video(highway, skips):
    source = VideoSource(highway, skips)
    frames = list(source.frames())
    assert len(frames) == 38
    assert source.rate_hz == 25.0
    assert frames[0].image.shape == (720, 1280, 3)
    assert skips.calls == []


def test_a_hole_in_the_video_loses_only_itself(highway, tmp_path, skips):
    data = bytearray(highway.read_bytes())
    data[200_000:230_000] = bytes(30_000)
    path = tmp_path / 'hole.mp4'
    path.write_bytes(data)
    frames = list(VideoSource(path, skips).frames())
    lost = sum(count for _, count, _ in skips.calls)
    assert lost >= 1
    assert len(frames) + lost == 38
    assert len(frames) > 30


def test_a_video_that_ends_too_early_says_so(highway, tmp_path, skips):
    data = highway.read_bytes()
    path = tmp_path / 'cut.mp4'
    path.write_bytes(data[: len(data) // 2])
    frames = list(VideoSource(path, skips).frames())
    assert 0 < len(frames) < 38
    assert sum(count for _, count, _ in skips.calls) == 38 - len(frames)
    assert str(path) in skips.calls[-1][2]


def test_not_a_video(tmp_path, skips):
    path = tmp_path / 'text.mp4'
    path.write_text('this is no video')
    with pytest.raises(SourceError, match=r"text\.mp4'.*accepted: \.mp4"):
        VideoSource(path, skips)


def test_ffmpeg_does_not_talk_over_the_error(tmp_path):
    path = tmp_path / 'text.mp4'
    path.write_text('this is no video')
    # A process of its own: FFmpeg's level is fixed when it is first used.
    code = f"""
from pathlib import Path
from restage.camera.errors import SourceError
from restage.camera.video_source import VideoSource
try:
    VideoSource(Path({str(path)!r}), print)
except SourceError as error:
    print(error)
"""
    result = subprocess.run(
        [sys.executable, '-c', code], capture_output=True, text=True, timeout=60, check=True
    )
    assert 'not a video that can be read' in result.stdout
    assert result.stderr == ''


def test_a_pass_can_be_abandoned(make_video, skips):
    frames = VideoSource(make_video(5), skips).frames()
    next(frames)
    frames.close()
    assert skips.calls == []
