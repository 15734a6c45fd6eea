# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import threading
from dataclasses import dataclass, field

import numpy as np
import pytest

from restage.camera.camera_info import Intrinsics
from restage.camera.errors import SourceError
from restage.camera.frame_log import read_frame_log
from restage.camera.player import Player
from restage.camera.settings import CameraSettings
from restage.camera.stream import StreamState
from restage.diagnosis.status import Level


@dataclass
class Theatre:
    """A player whose frames end up in a list."""

    sent: list[tuple[int, int, Intrinsics]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)
    alive: bool = True

    def __post_init__(self) -> None:
        self.player = Player(
            now_ns=lambda: 1_000,
            send=self.send,
            ready=lambda: True,
            on_change=self.changed,
            warn=self.warnings.append,
        )

    def send(self, frame, stamp_ns, intrinsics):
        self.sent.append((frame.index, stamp_ns, intrinsics))
        return 5 if self.alive else None

    def changed(self, snapshot) -> None:
        if snapshot.state is not StreamState.STREAMING:
            self.ended.set()

    def play(self, **settings) -> str:
        self.ended.clear()
        playing = self.player.play(CameraSettings(rate_hz=500.0, loop=False, **settings))
        if playing:
            assert self.ended.wait(60.0)
        return playing


@pytest.fixture
def theatre():
    theatre = Theatre()
    yield theatre
    theatre.player.close()


def test_frames_are_sent_logged_and_counted(theatre, make_folder, tmp_path):
    folder = make_folder(4)
    (folder / '0001.png').write_bytes(b'nonsense')
    theatre.player.open_log(str(tmp_path / 'log.jsonl'))
    assert str(folder) in theatre.play(source=str(folder))
    assert [index for index, _, _ in theatre.sent] == [0, 2, 3]
    log = read_frame_log(tmp_path / 'log.jsonl')
    assert [(r.index, r.stamp_ns) for r in log] == [(i, ns) for i, ns, _ in theatre.sent]
    status = theatre.player.status('x', 1)
    assert status.values['skipped_corrupt'] == 1
    assert status.level is Level.WARN
    assert '0001.png' in theatre.warnings[0]


def test_stamps_and_total_go_on_with_the_next_source(theatre, make_folder):
    folder = str(make_folder(3))
    theatre.play(source=folder)
    theatre.play(source=folder, max_frames=2)
    stamps = [stamp for _, stamp, _ in theatre.sent]
    assert stamps == sorted(set(stamps))
    values = theatre.player.status(folder, 0).values
    assert (values['frames_out'], values['frames_out_since_start']) == (2, 5)


def test_frames_that_could_not_be_sent_do_not_count(theatre, make_folder, tmp_path):
    theatre.alive = False
    theatre.player.open_log(str(tmp_path / 'log.jsonl'))
    theatre.play(source=str(make_folder(2)))
    assert read_frame_log(tmp_path / 'log.jsonl') == []
    assert theatre.player.status('x', 0).values['frames_out_since_start'] == 0


def test_a_bad_source_is_a_problem_until_the_next_good_one(theatre, make_folder):
    assert theatre.play(source='/no/such') == ''
    status = theatre.player.status('/no/such', 0)
    assert status.level is Level.ERROR
    assert '/no/such' in status.message
    with pytest.raises(SourceError):
        theatre.player.prepare(CameraSettings(source='/no/such/either'))
    theatre.player.problems.clear()
    assert theatre.play(source=str(make_folder(2)))
    assert len(theatre.sent) == 2


def test_nothing_plays_while_there_is_a_problem(theatre, make_folder, tmp_path):
    theatre.player.open_log(str(tmp_path / 'no' / 'log.jsonl'))
    assert theatre.play(source=str(make_folder(2))) == ''
    status = theatre.player.status('x', 0)
    assert 'No such file or directory' in status.message
    assert theatre.sent == []


def test_a_bag_s_calibration_goes_out(theatre, make_bag):
    theatre.play(source=str(make_bag([('/c/image', 'raw'), ('/c/camera_info', 'info')])))
    assert theatre.sent[0][2].k == tuple(range(9))


def test_calibration_of_another_size_is_not_used(theatre, make_bag):
    def halve(_number, message):
        if hasattr(message, 'data'):
            message.height, message.data = 24, np.ascontiguousarray(message.data[: 24 * 192])
        return message

    bag = make_bag([('/c/image', 'raw'), ('/c/camera_info', 'info')], edit=halve)
    theatre.play(source=str(bag))
    numbers = theatre.sent[0][2]
    assert (numbers.width, numbers.height) == (64, 24)
    assert numbers.d == (0.0,) * 5


def test_a_bag_s_own_stamps(theatre, make_bag):
    theatre.play(source=str(make_bag()), use_source_stamps=True)
    stamps = [stamp for _, stamp, _ in theatre.sent]
    assert np.diff(stamps).tolist() == [50_000_000] * 5
    assert stamps[0] > 1_600_000_000_000_000_000


def test_a_full_disk_costs_the_log_not_the_frames(theatre, make_folder):
    theatre.player.open_log('/dev/full')
    theatre.play(source=str(make_folder(3)))
    assert len(theatre.sent) == 3
    status = theatre.player.status('x', 0)
    assert status.level is Level.WARN
    assert 'No space left' in status.message
    assert len(theatre.warnings) == 1
