# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What is written, and that others can read it."""

from __future__ import annotations

import errno
import importlib
import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest
import xxhash
import yaml
from rosbags.rosbag2 import Reader
from rosbags.typesys import Stores, get_types_from_msg, get_typestore

from restage.camera.source import open_source
from restage.recording.bag_writer import BagWriter
from restage.recording.channel import Channel
from restage.recording.definitions import type_hash, typestore
from restage.recording.errors import RecordingError
from restage.recording.gaps import KEPT, Gaps
from restage.recording.intake import Intake, Item
from restage.recording.reader import Recording
from restage.recording.recorder import Recorder
from restage.recording.run_description import completed
from restage.recording.settings import RecordSettings
from restage.shipped import SHIPPED

SMALL = Channel('/detections', 'vision_msgs/msg/Detection2DArray')
LARGE = Channel('/image_raw', 'sensor_msgs/msg/Image', image=True)


def test_a_recording_opens_without_restage_its_definitions_are_in_it(record) -> None:
    with Reader(record()) as bag:
        kinds = {connection.msgtype: connection for connection in bag.connections}
        foreign = get_typestore(Stores.EMPTY)
        for connection in kinds.values():
            foreign.register(get_types_from_msg(connection.msgdef.data, connection.msgtype))
        for connection, _, raw in bag.messages():
            foreign.deserialize_cdr(raw, connection.msgtype)
        for name in ('restage_msgs/msg/RecoveryEvent', 'vision_msgs/msg/Detection2DArray'):
            assert kinds[name].digest == foreign.hash_rihs01(name)
        assert kinds['sensor_msgs/msg/CompressedImage'].msgcount == 10


@pytest.mark.parametrize(
    'package', ['restage_msgs', 'vision_msgs', 'sensor_msgs', 'diagnostic_msgs']
)
def test_hashes_are_those_that_ros_made(package) -> None:
    module = importlib.import_module(package)
    prefixes = Path(module.__file__).parents
    (folder,) = (
        p / 'share' / package / 'msg' for p in prefixes if (p / 'share' / package).is_dir()
    )
    made = {}
    for file in folder.glob('*.json'):
        for entry in json.loads(file.read_text())['type_hashes']:
            made[entry['type_name']] = entry['hash_string']
    names = [name for name in made if name in typestore().fielddefs]
    assert f'{package}/msg/{next(folder.glob("*.json")).stem}' in names
    assert {name: type_hash(name) for name in names} == {name: made[name] for name in names}


@pytest.mark.parametrize(('images', 'lossless'), [('raw', True), ('png', True), ('jpeg', False)])
@pytest.mark.parametrize('compression', ['zstd', 'none'])
def test_images_come_back_in_their_order(record, images, lossless, compression) -> None:
    path = record(images=images, compression=compression)
    pixels = [f.image for f in open_source(str(path), seed=0, width=0, height=0).frames()]
    raw = record('raw', images='raw')
    wanted = [f.image for f in open_source(str(raw), seed=0, width=0, height=0).frames()]
    assert len(pixels) == len(wanted) == 10
    same = all((a == b).all() for a, b in zip(pixels, wanted, strict=True))
    assert same == lossless


def test_files_are_split_and_each_says_what_it_is(record) -> None:
    path = record(images='raw', compression='none', split_mb=0)
    assert len(list(path.glob('*.mcap'))) == 1
    channel = Channel('/a', 'std_msgs/msg/String')
    recorder = Recorder(RecordSettings(path=str(path.with_name('s')), split_mb=1), {'a': 1})
    for number in range(30):
        recorder.put(Item(channel, number, number, os.urandom(200_000)))
    assert recorder.close()
    files = sorted(path.with_name('s').glob('*.mcap'))
    assert len(files) > 3
    for file in files:
        assert Recording(file).start['run'] == {'a': 1}
    metadata = yaml.safe_load((path.with_name('s') / 'metadata.yaml').read_text())
    information = metadata['rosbag2_bagfile_information']
    assert information['relative_file_paths'] == [f's_{n}.mcap' for n in range(len(files))]
    assert (
        sum(file['message_count'] for file in information['files'])
        == (information['message_count'])
    )


def test_beyond_the_limit_nothing_is_recorded_and_that_is_said(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr('restage.recording.recorder.FLUSH_S', 0.0)
    recorder = Recorder(RecordSettings(path=str(tmp_path / 'l'), limit_mb=1), {})
    channel = Channel('/a', 'std_msgs/msg/String')
    for number in range(40):
        recorder.put(Item(channel, number, number, os.urandom(200_000)))
    assert recorder.close()
    assert 'limit of 1 MB' in recorder.problem
    assert sum(recorder.intake.dropped.values()) + recorder.written['/a'] >= 5


def test_a_full_queue_drops_images_first_and_counts() -> None:
    intake = Intake(800)
    taken = [intake.put(Item(LARGE, 0, 0, bytes(100))) for _ in range(9)]
    assert taken == [True] * 7 + [False] * 2
    assert intake.put(Item(SMALL, 0, 0, bytes(100)))
    assert not intake.put(Item(SMALL, 0, 0, bytes(100)))
    assert (intake.dropped, intake.received[LARGE.topic]) == (
        {'/image_raw': 2, '/detections': 1},
        9,
    )
    intake.close()
    assert [intake.take(0).channel for _ in range(8)] == [LARGE] * 7 + [SMALL]
    assert intake.take(0) is None
    assert intake.ended


def test_a_full_disk_ends_the_recording_and_every_message_is_accounted_for(
    tmp_path, monkeypatch
) -> None:
    real = BagWriter.write

    def write(bag: BagWriter, channel: Channel, *rest) -> bool:
        if channel is SMALL:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(bag, channel, *rest)

    monkeypatch.setattr(BagWriter, 'write', write)
    recorder = Recorder(RecordSettings(path=str(tmp_path / 'full')), {})
    for _ in range(50):
        recorder.put(Item(SMALL, 0, 0, b'x'))
    assert recorder.close()
    assert 'No space left' in recorder.problem
    counts = recorder.counts()
    assert counts['written'].get('/detections', 0) == 0
    assert counts['dropped']['/detections'] >= 49


def test_a_disk_that_takes_nothing_any_more_ends_the_recording_and_no_thread(
    tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr('restage.recording.recorder.FLUSH_S', 0.05)
    failed: list[threading.ExceptHookArgs] = []
    monkeypatch.setattr(threading, 'excepthook', failed.append)
    recorder = Recorder(RecordSettings(path=str(tmp_path / 'full')), {})
    stream = recorder._bag._stream
    full = os.open('/dev/full', os.O_WRONLY)
    os.dup2(full, stream.fileno())  # from now on the file is on a disk without room
    os.close(full)
    end = time.monotonic() + 20.0
    while not recorder.problem and time.monotonic() < end:
        recorder.put(Item(SMALL, 0, 0, os.urandom(1000)))
        time.sleep(0.001)
    assert 'No space left' in recorder.problem
    assert recorder.close()
    assert failed == []
    assert (stream.closed, stream.raw.closed) == (True, True)


def test_an_image_that_cannot_be_compressed_is_recorded_as_it_came(tmp_path) -> None:
    path = tmp_path / 'odd'
    recorder = Recorder(RecordSettings(path=str(path)), {})
    recorder.put(Item(LARGE, 1, 1, b'no image at all'))
    assert recorder.close()
    (message,) = Recording(path).messages((LARGE.msgtype,))
    assert (message.topic, message.data) == ('/image_raw', b'no image at all')


def test_what_a_publisher_numbered_and_nobody_got_is_counted() -> None:
    gaps = Gaps()
    for publisher, number in ((b'a', 4), (b'a', 5), (b'b', 1), (b'a', 9), (b'b', 2), (b'a', 10)):
        gaps.note('/x', publisher, number)
    assert gaps.missing == {'/x': 3}


def test_publishers_that_are_gone_are_forgotten_and_no_other() -> None:
    gaps = Gaps()
    for number in range(1, 3 * KEPT):
        gaps.note('/x', b'stays', 2 * number)
        gaps.note('/x', number.to_bytes(4, 'little'), 1)
        assert len(gaps._last) <= KEPT
    assert gaps.missing == {'/x': 3 * KEPT - 2}


def test_nothing_is_overwritten_without_being_told(record, tmp_path) -> None:
    path = record()
    with pytest.raises(RecordingError, match='exists already'):
        Recorder(RecordSettings(path=str(path)), {})
    assert Recorder(RecordSettings(path=str(path), overwrite=True), {}).close()
    assert Recording(path).topics() == ['/recording']
    (path / 'thesis.txt').write_text('mine')
    with pytest.raises(RecordingError, match='is no recording'):
        Recorder(RecordSettings(path=str(path), overwrite=True), {})
    assert (path / 'thesis.txt').exists()


@pytest.mark.parametrize(
    ('wrong', 'said'),
    [
        ({'images': 'gif'}, "images 'gif' is not accepted: give jpeg or png or raw or none"),
        ({'compression': 'lz4'}, 'give zstd or none'),
        ({'jpeg_quality': 0}, 'jpeg_quality 0 is not accepted: give 1 to 100'),
        ({'path': ' '}, 'no path'),
    ],
)
def test_what_is_not_accepted_is_named(wrong, said) -> None:
    with pytest.raises(RecordingError, match=said):
        RecordSettings(**{'path': 'x', **wrong})


@pytest.mark.parametrize('text', ['{', '[]', '1'])
def test_a_run_that_is_no_object(text) -> None:
    with pytest.raises(RecordingError, match='description of the run'):
        completed(text)


@pytest.mark.parametrize('name', ['bundled', 'bundled-hardened'])
def test_the_shipped_weights_are_those_of_the_detector(name: str) -> None:
    digest = completed(json.dumps({'model': name}))['model_digest']
    assert digest == xxhash.xxh3_128_hexdigest(SHIPPED[name].read_bytes())
    assert digest


def test_a_recorder_that_is_killed_leaves_what_it_flushed(tmp_path: Path) -> None:
    script = textwrap.dedent(
        """
        import os, sys, time
        from restage.recording.channel import Channel
        from restage.recording.intake import Item
        from restage.recording import recorder as module
        from restage.recording.settings import RecordSettings
        module.FLUSH_S = 0.05
        recorder = module.Recorder(RecordSettings(path=sys.argv[1], split_mb=1), {'a': 1})
        for number in range(60):
            recorder.put(Item(Channel('/a', 'std_msgs/msg/String'), number, 0, os.urandom(50_000)))
        while recorder.written['/a'] < 60 or not recorder.written_bytes:
            time.sleep(0.01)
        flushed = recorder.written_bytes
        while recorder.written_bytes == flushed:
            time.sleep(0.01)
        print('flushed', flush=True)
        time.sleep(60)
        """
    )
    path = tmp_path / 'killed'
    process = subprocess.Popen(
        [sys.executable, '-c', script, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == 'flushed\n'
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert not (path / 'metadata.yaml').exists()
    assert len(list(path.glob('*.mcap'))) > 1
    recording = Recording(path)
    assert recording.summary()['ended'] is False
    found = [m.log_ns for m in recording.messages(('std_msgs/msg/String',)) if m.topic == '/a']
    assert found == list(range(60))
