# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The report of a recording."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from restage.camera.source import open_source
from restage.cli import main
from restage.demo.recorded import RecordedRun
from restage.demo.replay import write_trace
from restage.faults.trace import LEAD_S, Replay
from restage.recording.bag_writer import BagWriter
from restage.recording.channel import Channel
from restage.recording.definitions import typestore
from restage.recording.notes import STRING
from restage.recording.reader import Recording

from .conftest import stamp


def run(path: Path, folder: Path) -> tuple[int, dict]:
    status = main(['report', str(path), '--report', str(folder)])
    return status, json.loads((folder / 'demo.json').read_text())


def test_a_report_has_the_recovery_and_the_accounts(record, tmp_path, capsys) -> None:
    status, document = run(record(), tmp_path / 'out')
    assert status == 0
    assert document['scenario'] == 'one'
    assert document['recoveries'][0]['total_ms'] == 20.0
    assert document['camera_to_detections_ms']['p50'] == 13.0
    frames = document['frames']
    assert (frames['published_in'], frames['detections_out'], frames['lost']) == (10, 10, 0)
    assert (frames['compared'], frames['not_bit_identical']) == (0, None)
    assert frames['not_checked'] == 'images were recorded as JPEG'
    assert document['recording']['ended'] is True
    assert (tmp_path / 'out' / 'demo.png').stat().st_size > 1000
    assert 'not checked: images were recorded as JPEG' in ' '.join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ('text', 'said'),
    [
        ('[]', 'no note of a recorder'),
        ('{"schema": 1}', 'without its event'),
        ('{"schema": 1, "event": "start", "run": []}', "'run' is []"),
        ('{', 'cannot be read'),
    ],
)
def test_notes_of_somebody_else_are_refused(tmp_path, capsys, text, said) -> None:
    store = typestore()
    bag = BagWriter(tmp_path / 'bag')
    data = bytes(store.serialize_cdr(store.types[STRING](data=text), STRING))
    bag.write(Channel('/recording', STRING), 1, 1, data)
    bag.close()
    assert main(['report', str(tmp_path / 'bag')]) == 2
    assert said in ' '.join(capsys.readouterr().out.split())


def test_lost_frames_are_a_problem(record, tmp_path) -> None:
    status, document = run(record(lost=(5, 6)), tmp_path / 'out')
    assert (status, document['frames']['lost']) == (1, 2)


def test_of_several_cameras_each_frame_has_its_own_account(record, tmp_path) -> None:
    path = record(lost=(3,), cameras=('rear', 'front'), images='raw')
    status, document = run(path, tmp_path / 'out')
    assert status == 1
    assert document['recording']['cameras'] == ['rear', 'front']
    frames = document['frames']
    assert (frames['published_in'], frames['detections_out'], frames['out_of_order']) == (20, 19, 0)
    # The second camera's frame: its number is in the last three bits.
    assert frames['lost_stamps_ns'] == [stamp(3) // 8 * 8 + 1]
    assert document['faults'][0]['bit_identical'] is False
    recorded = RecordedRun(Recording(path))
    evidence = recorded.evidence('')
    shown = evidence.shown()
    played = {frame.index: frame.image for frame in recorded.images().frames()}
    assert list(played) == list(range(20))
    # Two frames before and after the one that was hit, of the camera that was hit.
    assert [evidence.accounts.cameras.names[index % 2] for index in sorted(shown)] == ['front'] * 5
    assert np.array_equal(played[6], played[7])


@pytest.mark.parametrize(
    ('cameras', 'told', 'said'),
    [
        (('rear', 'front'), '', 'of several cameras (front, rear), and does not say which'),
        (('rear', 'front'), 'rear,left', 'and says that they are rear,left; accepted'),
    ],
)
def test_cameras_that_cannot_be_told_apart_are_one_message(
    record, tmp_path, capsys, monkeypatch, cameras, told, said
) -> None:
    path = record(cameras=cameras)
    start = {**Recording(path).start['run'], 'cameras': told}
    monkeypatch.setattr(Recording, 'start', {'run': start})
    assert main(['report', str(path)]) == 2
    assert said in ' '.join(capsys.readouterr().out.split())


@pytest.mark.parametrize(('primary', 'early'), [(None, 3), (0, 0), (2, 2), (9, 3)])
def test_frames_from_before_there_was_a_primary_are_not_lost(
    record, tmp_path, primary, early
) -> None:
    status, document = run(record(lost=(0, 1, 2), primary=primary), tmp_path / 'out')
    frames = document['frames']
    assert document['recording']['frames_before_primary'] == early
    assert (frames['published_in'], frames['lost']) == (10 - early, 3 - early)
    assert status == (early < 3)


def test_what_was_cut_off_is_reported_as_far_as_it_goes(record, tmp_path, capsys) -> None:
    path = record(images='raw', compression='none')
    (file,) = path.glob('*.mcap')
    file.write_bytes(file.read_bytes()[:-200])
    (path / 'metadata.yaml').unlink()
    played = open_source(str(path), seed=0, width=0, height=0)
    assert [frame.index for frame in played.frames()] == list(range(10))
    _, document = run(path, tmp_path / 'out')
    assert document['recording']['cut']
    assert document['frames']['published_in'] == 10
    assert 'cut off' in capsys.readouterr().out


def test_faults_are_played_again_on_their_frames(record, tmp_path) -> None:
    trace, images = write_trace(str(record()), tmp_path)
    assert images == 10
    ((at_s, fault),) = Replay(trace).schedule()
    assert (fault.kind, fault.stage) == ('nn.neuron.nan', 'neck')
    assert fault.frame_ns == 1_700_000_000_000_000_000 + 3 * 33_333_333
    assert at_s == max(0.0, 0.1 - LEAD_S)
    assert write_trace('synthetic', tmp_path) is None


@pytest.mark.parametrize(
    ('make', 'said'),
    [
        (lambda path: None, 'does not exist'),
        (lambda path: path.mkdir(), 'is no rosbag2'),
        (lambda path: path.write_text('x'), 'is no rosbag2'),
    ],
)
def test_what_is_no_bag_is_said(tmp_path, capsys, make, said) -> None:
    make(tmp_path / 'b')
    assert main(['report', str(tmp_path / 'b')]) == 2
    assert said in ' '.join(capsys.readouterr().out.split())


@pytest.mark.parametrize('content', [b'', b'nonsense', b'\x89MCAP0\r\n', b'\x89MCAP0\r\n' * 3])
@pytest.mark.parametrize('suffix', ['.mcap', '.db3'])
def test_a_broken_bag_gives_one_message(tmp_path, capsys, content, suffix) -> None:
    path = tmp_path / f'b{suffix}'
    path.write_bytes(content)
    assert main(['report', str(path)]) == 2
    out = ' '.join(capsys.readouterr().out.split())
    assert 'cut short' in out
    assert 'Traceback' not in out


def test_a_bag_without_detections_is_refused_with_its_topics(record, tmp_path, capsys) -> None:
    path = record(lost=tuple(range(10)))
    assert main(['report', str(path)]) == 2
    out = ' '.join(capsys.readouterr().out.split())
    assert 'has no detections' in out
    assert '/camera_info' in out


def test_record_does_not_overwrite(record, capsys) -> None:
    assert main(['record', str(record())]) == 2
    assert 'exists already' in capsys.readouterr().err


def test_the_sample_is_small_and_has_a_report(tmp_path) -> None:
    sample = Path(__file__).parents[2] / 'samples' / 'short'
    assert sum(file.stat().st_size for file in sample.iterdir()) <= 3_000_000
    _, document = run(sample, tmp_path / 'out')
    found = [(fault['kind'], fault['tier']) for fault in document['faults']]
    assert found == [('nn.neuron.nan', 'retry_stage'), ('proc.kill', 'failover')]
    assert document['recording']['ended'] is True
    assert document['recording']['dropped'] == document['recording']['missing'] == {}
