# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Recordings made on the spot, without nodes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rclpy.serialization import serialize_message
from restage_msgs.msg import FaultCommand, FaultEvent, Heartbeat, RecoveryEvent
from sensor_msgs.msg import CameraInfo, Image
from vision_msgs.msg import Detection2DArray

from restage.camera.convert import bgr_to_image_data
from restage.cameras import Cameras
from restage.nodes.messages import header_of
from restage.nodes.stamps import from_ns
from restage.recording.channel import Channel
from restage.recording.intake import Item
from restage.recording.recorder import Recorder
from restage.recording.settings import RecordSettings

T0 = 1_700_000_000_000_000_000
PERIOD_NS = 33_333_333
SCENARIO = """
schema: 1
name: one
faults:
  - {at_s: 0.0, kind: nn.neuron.nan, stage: neck, expect: {tier: retry_stage}}
"""
IMAGES = Channel('/image_raw', 'sensor_msgs/msg/Image', image=True)


def stamp(number: int) -> int:
    return T0 + number * PERIOD_NS


def image(number: int) -> bytes:
    pixels = np.random.default_rng(number).integers(0, 255, (48, 64, 3), np.uint8)
    header = header_of(stamp(number), 'camera')
    message = Image(header=header, height=48, width=64, encoding='bgr8', step=192)
    message.data = bgr_to_image_data(pixels)
    return serialize_message(message)


def put(recorder: Recorder, channel: Channel, data: bytes, at_ns: int) -> None:
    recorder.put(Item(channel, at_ns + 1_000_000, at_ns, data))


@pytest.fixture
def record(tmp_path: Path) -> Callable[..., Path]:
    """
    Record ten frames with one fault on the fourth; without detections on the frames lost.

    ``primary``: the frame before which there was a primary for the first time, if it says so.
    Of several ``cameras``, it is the last that loses frames and has the fault.
    """

    def make(
        name: str = 'bag',
        lost: tuple[int, ...] = (),
        close: bool = True,
        primary: int | None = None,
        cameras: tuple[str, ...] = ('',),
        **settings,
    ) -> Path:
        path = tmp_path / name
        run = {'scenario_text': SCENARIO, 'source': 'made', 'model': 'bundled', 'seed': 3}
        run['cameras'] = ','.join(cameras)
        hit = from_ns(Cameras(cameras).key(stamp(3), len(cameras) - 1))
        recorder = Recorder(RecordSettings(path=str(path), **settings), run)
        for number in range(10):
            at = stamp(number)
            if number == primary:
                beats = Channel('/heartbeat', 'restage_msgs/msg/Heartbeat')
                beat = Heartbeat(node='detection_a', role=Heartbeat.ROLE_PRIMARY)
                put(recorder, beats, serialize_message(beat), at - 1)
            header = header_of(at, 'camera')
            for camera in cameras:
                space = f'/{camera}' if camera else ''
                info = Channel(f'{space}/camera_info', 'sensor_msgs/msg/CameraInfo')
                put(recorder, info, serialize_message(CameraInfo(header=header)), at)
                put(recorder, replace(IMAGES, topic=f'{space}/image_raw'), image(number), at)
                if number not in lost or camera != cameras[-1]:
                    found = Channel(f'{space}/detections', 'vision_msgs/msg/Detection2DArray')
                    message = Detection2DArray(header=header)
                    put(recorder, found, serialize_message(message), at + 12_000_000)
        fault = {'id': 'one/1', 'kind': 'nn.neuron.nan', 'stage': 'neck'}
        for topic, kind, message in (
            ('fault_commands', 'FaultCommand',
             FaultCommand(**fault, target='primary', when=2, probability=1.0)),
            ('fault_events', 'FaultEvent',
             FaultEvent(**fault, state=FaultEvent.FIRED, frame=hit)),
            ('recovery_events', 'RecoveryEvent',
             RecoveryEvent(fault_id='one/1', fault_kind='nn.neuron.nan', stage='neck',
                           tier='retry_stage', frame=hit, injected_ns=1_000_000,
                           detected_ns=2_000_000, first_good_output_ns=21_000_000)),
        ):  # fmt: skip
            channel = Channel(f'/{topic}', f'restage_msgs/msg/{kind}')
            put(recorder, channel, serialize_message(message), stamp(4))
        if close:
            assert recorder.close()
            assert recorder.problem == ''
        return path

    return make
