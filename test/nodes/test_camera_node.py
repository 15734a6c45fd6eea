# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The camera node as a real process, watched by a real subscriber in this one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip('rclpy', reason='ROS 2 (rclpy) is not installed')

import rclpy
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from rcl_interfaces.msg import ParameterType
from rcl_interfaces.srv import DescribeParameters, GetParameters, SetParameters
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.parameter import Parameter
from rclpy.qos import QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import CameraInfo, Image

from restage.camera.convert import image_to_bgr
from restage.camera.frame_log import read_frame_log
from restage.camera.settings import CameraSettings
from restage.harness.domain import own_domain
from restage.harness.environment import transport_environment

pytestmark = pytest.mark.e2e

DEADLINE_S = 40.0
HIGHWAY = Path(__file__).parents[3] / 'shared' / 'data' / 'highway.mp4'
CONFIG = Path(__file__).parents[2] / 'config' / 'camera.yaml'


@dataclass
class Camera:
    """The node's process."""

    process: subprocess.Popen[bytes]
    output: Path

    def text(self) -> str:
        return self.output.read_text(errors='replace')

    def end(self, number: int) -> int:
        self.process.send_signal(number)
        return self.process.wait(DEADLINE_S)


@dataclass
class Watcher:
    """Subscriptions in this process and what they received."""

    images: list[Image] = field(default_factory=list)
    infos: list[CameraInfo] = field(default_factory=list)
    diagnostics: list[DiagnosticStatus] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.context = Context()
        rclpy.init(context=self.context, domain_id=int(os.environ['ROS_DOMAIN_ID']))
        self.node = rclpy.create_node('watcher', context=self.context)
        self.executor = SingleThreadedExecutor(context=self.context)
        self.executor.add_node(self.node)
        qos = QoSProfile(depth=100, reliability=ReliabilityPolicy.RELIABLE)
        self.node.create_subscription(CameraInfo, 'camera_info', self.infos.append, qos)
        self.node.create_subscription(
            DiagnosticArray, '/diagnostics', lambda m: self.diagnostics.extend(m.status), 10
        )

    def watch_images(self, reliability: ReliabilityPolicy = ReliabilityPolicy.RELIABLE) -> None:
        qos = QoSProfile(depth=100, reliability=reliability)
        self.node.create_subscription(Image, 'image_raw', self.images.append, qos)

    def until(self, condition: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + DEADLINE_S
        while not condition():
            assert time.monotonic() < end, f'not within {DEADLINE_S} s: {what}'
            self.executor.spin_once(timeout_sec=0.1)

    def said(self, level: bytes, text: str) -> Callable[[], bool]:
        return lambda: any(s.level == level and text in s.message for s in self.diagnostics)

    def call(self, kind: type, name: str, request: object):
        client = self.node.create_client(kind, f'/camera/{name}')
        self.until(client.service_is_ready, f'service {name}')
        future = client.call_async(request)
        self.until(future.done, f'answer of {name}')
        return future.result()

    def set(self, **values: object) -> list[str]:
        """Set parameters; return the reasons of refusal."""
        parameters = [Parameter(name, value=v).to_parameter_msg() for name, v in values.items()]
        results = self.call(
            SetParameters, 'set_parameters', SetParameters.Request(parameters=parameters)
        ).results
        return [result.reason for result in results if not result.successful]

    def close(self) -> None:
        self.executor.shutdown()
        self.node.destroy_node()
        rclpy.shutdown(context=self.context)


@pytest.fixture(autouse=True)
def ros_environment(monkeypatch):
    for name, value in transport_environment(os.environ).items():
        monkeypatch.setenv(name, value)
    with own_domain() as domain:
        monkeypatch.setenv('ROS_DOMAIN_ID', str(domain))
        yield


@pytest.fixture
def start(tmp_path, ros_environment):
    started: list[Camera] = []

    def start(*extra: str, **parameters: object) -> Camera:
        command = [sys.executable, '-m', 'restage.nodes.camera_node', '--ros-args']
        command += ['-r', '__node:=camera', *extra]
        for name, value in parameters.items():
            text = str(value).lower() if isinstance(value, bool) else str(value)
            command += ['-p', f'{name}:={text}']
        output = tmp_path / f'camera_{len(started)}.txt'
        with output.open('wb') as file:
            process = subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT)
        started.append(Camera(process, output))
        return started[-1]

    yield start
    for camera in started:
        if camera.process.poll() is None:
            camera.process.kill()
            camera.process.wait()


@pytest.fixture
def watcher(ros_environment):
    watcher = Watcher()
    yield watcher
    watcher.close()


@pytest.fixture
def folder(tmp_path) -> Path:
    path = tmp_path / 'images'
    path.mkdir()
    rng = np.random.default_rng(5)
    for number in range(5):
        cv2.imwrite(str(path / f'{number}.png'), rng.integers(0, 256, (384, 640, 3), np.uint8))
    return path


def stamp_ns(message: Image | CameraInfo) -> int:
    return message.header.stamp.sec * 10**9 + message.header.stamp.nanosec


def test_every_frame_arrives_as_it_was(start, watcher, folder, tmp_path):
    log_path = tmp_path / 'frames.jsonl'
    # As many as a reliable publisher keeps for a subscriber that has no core for a while.
    watcher.watch_images()
    camera = start(
        source=folder, loop=True, max_frames=10, rate_hz=40.0, reliability='reliable',
        wait_for_subscribers=1, frame_id='front', frame_log=log_path,
    )  # fmt: skip
    watcher.until(watcher.said(DiagnosticStatus.OK, 'finished'), 'finished')
    watcher.until(lambda: len(watcher.images) >= 10 and len(watcher.infos) >= 10, '10 frames')
    log = read_frame_log(log_path)
    assert len(watcher.images) == len(watcher.infos) == len(log) == 10
    assert [(r.loop, r.index) for r in log] == [(n // 5, n % 5) for n in range(10)]
    stamps = [stamp_ns(image) for image in watcher.images]
    assert stamps == [stamp_ns(info) for info in watcher.infos] == [r.stamp_ns for r in log]
    assert stamps == sorted(set(stamps))
    originals = [cv2.imread(str(folder / f'{number}.png')) for number in range(5)]
    for image, info, record in zip(watcher.images, watcher.infos, log, strict=True):
        pixels = image_to_bgr(
            image.encoding, image.height, image.width, image.step, image.data, image.is_bigendian
        )
        np.testing.assert_array_equal(pixels, originals[record.index])
        assert image.header.frame_id == info.header.frame_id == 'front'
        assert (info.width, info.height) == (image.width, image.height) == (640, 384)
        assert info.k[0] == info.p[0] > 0.0
    values = {item.key: item.value for item in watcher.diagnostics[-1].values}
    assert values['frames_out'] == '10'
    assert values['source'] == str(folder)
    assert camera.process.poll() is None
    assert camera.end(signal.SIGTERM) == 0
    assert 'Traceback' not in camera.text()


def test_a_bad_source_is_said_refused_and_corrected(start, watcher, folder):
    camera = start(source='/no/such/video.mp4')
    watcher.watch_images()
    watcher.until(watcher.said(DiagnosticStatus.ERROR, '/no/such/video.mp4'), 'ERROR')
    assert camera.process.poll() is None
    assert camera.text().count('/no/such/video.mp4') == 1
    (reason,) = watcher.set(source='/neither/this')
    assert "'/neither/this' does not exist; accepted: 'synthetic'" in reason
    (reason,) = watcher.set(rate_hz=-1.0)
    assert 'rate_hz' in reason
    (reason,) = watcher.set(reliability='reliable')
    assert 'read-only' in reason
    assert watcher.images == []
    watcher.diagnostics.clear()
    assert watcher.set(source=str(folder)) == []
    watcher.until(watcher.said(DiagnosticStatus.OK, 'streaming'), 'streaming')
    # Best effort by default; a reliable subscription does not match that.
    assert watcher.images == []
    watcher.watch_images(ReliabilityPolicy.BEST_EFFORT)
    watcher.until(lambda: len(watcher.images) >= 3, 'frames of the corrected source')
    assert camera.end(signal.SIGINT) == 0
    assert 'Traceback' not in camera.text()


def test_changing_the_source_while_streaming(start, watcher, folder, tmp_path):
    watcher.watch_images()
    start(
        # Its publisher keeps ten images for one that was lost: more than a second.
        source=folder, rate_hz=8.0, reliability='reliable', wait_for_subscribers=1,
        frame_log=tmp_path / 'log',
    )  # fmt: skip
    watcher.until(lambda: len(watcher.images) >= 5, 'frames of the first source')
    small = tmp_path / 'small.png'
    cv2.imwrite(str(small), np.full((96, 160, 3), 9, np.uint8))
    assert watcher.set(source=str(small), loop=False) == []
    watcher.until(lambda: watcher.images[-1].width == 160, 'a frame of the second source')
    watcher.until(watcher.said(DiagnosticStatus.OK, 'finished'), 'finished')
    stamps = [stamp_ns(image) for image in watcher.images]
    # The camera may have found this subscription a moment before this end found the camera.
    logged = [record.stamp_ns for record in read_frame_log(tmp_path / 'log')]
    assert stamps == logged[-len(stamps) :]
    assert stamps == sorted(set(stamps))


@pytest.mark.parametrize(
    'parameters',
    [{'reliability': 'sure'}, {'rate_hz': -3.0}, {'rate_hz': 30}, {'frame_log': '/no/such/dir/f'}],
)
def test_bad_parameters_at_the_start_are_named(start, watcher, folder, parameters):
    camera = start(source=folder, **parameters)
    (name,) = parameters
    watcher.until(watcher.said(DiagnosticStatus.ERROR, name), 'ERROR')
    assert camera.process.poll() is None
    assert camera.end(signal.SIGTERM) == 0
    assert 'Traceback' not in camera.text()


def test_a_kill_leaves_a_whole_log(start, watcher, folder, tmp_path):
    watcher.watch_images()
    camera = start(
        source=folder, rate_hz=100.0, reliability='reliable', wait_for_subscribers=1,
        frame_log=tmp_path / 'log',
    )  # fmt: skip
    watcher.until(lambda: len(watcher.images) >= 20, '20 frames')
    assert camera.end(signal.SIGKILL) == -signal.SIGKILL
    text = (tmp_path / 'log').read_text()
    assert text.endswith('\n')
    logged = {record.stamp_ns for record in read_frame_log(tmp_path / 'log')}
    # At most the very last frame was sent but not yet logged.
    assert len({stamp_ns(image) for image in watcher.images} - logged) <= 1


@pytest.mark.skipif(not HIGHWAY.is_file(), reason=f'{HIGHWAY} (real video) is not here')
@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_real_video_best_effort_and_a_signal_in_the_middle(start, watcher, number):
    watcher.watch_images(ReliabilityPolicy.BEST_EFFORT)
    camera = start(source=HIGHWAY, wait_for_subscribers=1)
    watcher.until(lambda: len(watcher.images) >= 10, '10 frames')
    assert (watcher.images[0].width, watcher.images[0].height) == (1280, 720)
    assert camera.end(number) == 0
    assert 'Traceback' not in camera.text()


def test_synthetic_with_the_shipped_configuration(start, watcher, tmp_path):
    scene = pytest.importorskip('restage.scene')
    watcher.watch_images(ReliabilityPolicy.BEST_EFFORT)
    log_path = tmp_path / 'log'
    start('--params-file', str(CONFIG), wait_for_subscribers=1, frame_log=log_path)
    watcher.until(lambda: len(watcher.images) >= 3, '3 frames')
    # Best effort may lose some; the log tells which one this is, once it is written.
    image = watcher.images[2]

    def index_of() -> dict[int, int]:
        return {record.stamp_ns: record.index for record in read_frame_log(log_path)}

    watcher.until(lambda: stamp_ns(image) in index_of(), 'the frame in the log')
    wanted = scene.RoadScene(1, width=640, height=384, weather=None)
    np.testing.assert_array_equal(
        image_to_bgr('bgr8', image.height, image.width, image.step, image.data),
        wanted.frame(index_of()[stamp_ns(image)]).image,
    )
    names = list(CameraSettings.__dataclass_fields__)
    found = watcher.call(GetParameters, 'get_parameters', GetParameters.Request(names=names))
    assert all(value.type != ParameterType.PARAMETER_NOT_SET for value in found.values)
    described = watcher.call(
        DescribeParameters, 'describe_parameters', DescribeParameters.Request(names=names)
    ).descriptors
    assert all(item.description for item in described)
    assert described[names.index('rate_hz')].floating_point_range[0].to_value == 1000.0
    assert described[names.index('reliability')].read_only
