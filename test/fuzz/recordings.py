# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Bags, pictures and videos as sources, and recordings as `restage report` and replay read them."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from rclpy.serialization import serialize_message
from restage_msgs.msg import FaultCommand, FaultEvent, RecoveryEvent
from rich.console import Console
from sensor_msgs.msg import CameraInfo, Image
from vision_msgs.msg import Detection2D, Detection2DArray, LabelInfo, ObjectHypothesisWithPose

from restage.camera.errors import ImageError, SourceError
from restage.camera.image_file import decode_image
from restage.camera.source import open_source
from restage.demo.golden import Golden
from restage.demo.recorded import RecordedRun
from restage.demo.replay import write_trace
from restage.demo.report import report
from restage.faults.errors import FaultError
from restage.nodes.messages import header_of
from restage.nodes.stamps import from_ns
from restage.recording.bag_writer import BagWriter
from restage.recording.channel import Channel
from restage.recording.definitions import typestore
from restage.recording.errors import RecordingError
from restage.recording.notes import STRING, serialized
from restage.recording.reader import Recording

from .target import ROOT, Target, file

T0 = 1_700_000_000_000_000_000
PERIOD_NS = 33_333_333
REFUSALS = (RecordingError, SourceError, FaultError)


def _source(path: Path) -> object:
    source = open_source(str(path), seed=0, width=0, height=0, on_skip=lambda *_: None)
    try:
        frames = source.frames()
        for _ in zip(range(3), frames, strict=False):
            pass
        return frames.close()
    finally:
        source.close()


def _written(folder: Path, suffix: str) -> Path:
    """Return a bag of two images."""
    from rosbags.rosbag2 import StoragePlugin, Writer
    from rosbags.typesys import Stores, get_typestore

    target = folder / f'bag{suffix}'
    if not target.exists():
        plugin = {'.mcap': StoragePlugin.MCAP, '.db3': StoragePlugin.SQLITE3}[suffix]
        with Writer(target, version=9, storage_plugin=plugin) as writer:
            connection = writer.add_connection(
                '/image_raw', 'sensor_msgs/msg/Image', typestore=get_typestore(Stores.ROS2_HUMBLE)
            )
            for stamp in (1, 2):
                writer.write(connection, stamp, _image(stamp))
    return target


def _storage(suffix: str) -> Callable[[Path], list[bytes]]:
    return lambda folder: [next(_written(folder, suffix).glob(f'*{suffix}')).read_bytes()]


def _image(stamp_ns: int) -> bytes:
    message = Image(header=header_of(stamp_ns, 'c'), height=2, width=2, encoding='bgr8', step=6)
    message.data = bytes(12)
    return bytes(serialize_message(message))


def _with_metadata(data: bytes, folder: Path) -> object:
    """Read a bag of which ``data`` is the metadata.yaml."""
    bag = _written(folder, '.mcap')
    (bag / 'metadata.yaml').write_bytes(data)
    return _source(bag)


def _metadata(folder: Path) -> list[bytes]:
    return [(_written(folder, '.mcap') / 'metadata.yaml').read_bytes()]


def _pictures(_folder: Path) -> list[bytes]:
    image = np.random.default_rng(1).integers(0, 255, (9, 7, 3), np.uint8)
    return [bytes(cv2.imencode(suffix, image)[1]) for suffix in ('.jpg', '.png', '.bmp', '.webp')]


def _videos(folder: Path) -> list[bytes]:
    path = folder / 'seed.avi'
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*'MJPG'), 30.0, (16, 16))
    for shade in (0, 90, 200):
        writer.write(np.full((16, 16, 3), shade, np.uint8))
    writer.release()
    return [path.read_bytes()]


@cache
def messages() -> list[tuple[str, str, int, bytes]]:
    """Return topic, type, time and bytes of the messages of a small run."""
    fault = {'id': 'one/1', 'kind': 'nn.neuron.nan', 'stage': 'neck'}
    hit = from_ns(T0 + PERIOD_NS)
    made: list[tuple[str, str, Any]] = [
        ('/fault_commands', 'restage_msgs/msg/FaultCommand',
         FaultCommand(**fault, target='primary', when=2, probability=1.0)),
        ('/fault_events', 'restage_msgs/msg/FaultEvent',
         FaultEvent(**fault, state=FaultEvent.FIRED, frame=hit)),
        ('/recovery_events', 'restage_msgs/msg/RecoveryEvent',
         RecoveryEvent(fault_id='one/1', fault_kind='nn.neuron.nan', frame=hit, injected_ns=1,
                       detected_ns=2, first_good_output_ns=3, tier='retry_stage')),
        ('/label_info', 'vision_msgs/msg/LabelInfo', LabelInfo()),
    ]  # fmt: skip
    for number in range(3):
        header = header_of(T0 + number * PERIOD_NS, 'camera')
        found = Detection2D(results=[ObjectHypothesisWithPose()])
        detections = Detection2DArray(header=header, detections=[found])
        made += [
            ('/camera_info', 'sensor_msgs/msg/CameraInfo', CameraInfo(header=header)),
            ('/detections', 'vision_msgs/msg/Detection2DArray', detections),
        ]
    return [
        *((*kind, T0 + at, bytes(serialize_message(one))) for at, (*kind, one) in enumerate(made)),
        ('/image_raw', 'sensor_msgs/msg/Image', T0, _image(T0)),
    ]


def start_note() -> dict[str, Any]:
    scenario = (ROOT / 'config/scenarios/kill.yaml').read_text()
    return {
        'schema': 1, 'event': 'start', 'realtime_ns': T0, 'monotonic_ns': 5, 'cpu_s': 0.5,
        'images': 'raw', 'machine': {'processor': 'x'}, 'versions': {'torch': '2'},
        'run': {'scenario_text': scenario, 'source': 'road', 'model': 'bundled', 'seed': 3},
        'written': {'/detections': 1}, 'dropped': {}, 'missing': {'/image_raw': 2},
    }  # fmt: skip


def _bag(folder: Path, run: list[tuple[str, str, int, bytes]], note: bytes | None = None) -> Path:
    """Write a recording; ``note``: the JSON of its first note."""
    writer = BagWriter(folder / 'recording', compression='none', replace=True)
    store = typestore()
    text = store.types[STRING](data=(note or b'').decode('utf-8', 'replace'))
    start = serialized(start_note()) if note is None else bytes(store.serialize_cdr(text, STRING))
    end = serialized({**start_note(), 'event': 'end', 'realtime_ns': T0 + 9, 'monotonic_ns': 20})
    for data in (start, end):
        writer.write(Channel('/recording', STRING), T0, T0, data)
    for topic, msgtype, at_ns, data in run:
        writer.write(Channel(topic, msgtype), at_ns, at_ns, data)
    writer.close()
    return folder / 'recording'


def _reported(path: Path) -> object:
    """Make the report, with a picture in place of those recorded, and a trace to replay."""
    out = path.parent / 'out'
    out.mkdir(exist_ok=True)
    evidence = RecordedRun(Recording(path)).evidence('')
    blank = np.zeros((8, 8, 3), np.uint8)
    golden = {number: Golden(np.zeros((0, 6)), blank) for number in range(2)}
    with pytest.MonkeyPatch.context() as patch:
        # Drawing is 100 times as long as all else; its boxes are drawn below.
        patch.setattr('restage.demo.report.draw_faults', _drawn)
        report(evidence, golden, out, Console(file=io.StringIO()), None)
    return write_trace(str(path), out)


def _drawn(rows: Any, accounts: Any, golden: Any, class_names: Any, path: Path) -> bool:
    from restage.demo.picture import _draw_boxes

    for output in accounts.outputs.values():
        _draw_boxes(np.zeros((8, 8, 3), np.uint8), output.detections, 1.0, class_names)
    return False


def _with_note(data: bytes, folder: Path) -> object:
    return _reported(_bag(folder, messages(), data))


def _with_messages(data: bytes, folder: Path) -> object:
    """Read a recording in which one message, by the first byte, is another."""
    run = list(messages())
    place = data[0] % len(run) if data else 0
    run[place] = (*run[place][:3], data[1:])
    return _reported(_bag(folder, run))


def _replaced(_folder: Path) -> list[bytes]:
    return [bytes([place]) + one[3] for place, one in enumerate(messages())]


def _recordings(folder: Path) -> list[bytes]:
    return [next(_bag(folder, messages()).glob('*.mcap')).read_bytes()]


TARGETS = {
    'bag': Target(file('b.mcap', _source), (SourceError,), _storage('.mcap')),
    'bag_sqlite': Target(file('b.db3', _source), (SourceError,), _storage('.db3')),
    'bag_metadata': Target(_with_metadata, (SourceError,), _metadata, 'yaml'),
    'picture': Target(lambda data, _: decode_image(data), (ImageError,), _pictures),
    'video': Target(file('v.avi', _source), (SourceError,), _videos),
    'recording': Target(file('r.mcap', _reported), REFUSALS, _recordings),
    'recorded_note': Target(
        _with_note, REFUSALS, lambda _: [json.dumps(start_note()).encode()], 'json'
    ),
    'recorded_message': Target(_with_messages, REFUSALS, _replaced),
}
