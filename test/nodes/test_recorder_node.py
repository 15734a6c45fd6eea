# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""`restage record` as a real process; this process is the system it records."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import pytest

pytest.importorskip('rclpy', reason='ROS 2 (rclpy) is not installed')

import rclpy
from diagnostic_msgs.msg import DiagnosticArray
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rosbags.rosbag2 import Reader
from sensor_msgs.msg import Image
from vision_msgs.msg import Detection2DArray

from restage.camera.convert import bgr_to_image_data
from restage.camera.source import open_source
from restage.harness.domain import own_domain
from restage.harness.environment import node_environment
from restage.nodes.messages import header_of
from restage.nodes.qos import EVENTS, image_qos
from restage.scene import RoadScene

pytestmark = pytest.mark.e2e

DEADLINE_S = 40.0


def test_a_running_system_with_a_best_effort_camera_is_recorded(tmp_path) -> None:
    path = tmp_path / 'bag'
    with own_domain() as domain:
        context = Context()
        rclpy.init(context=context, domain_id=domain)
        node = rclpy.create_node('system', namespace='front', context=context)
        executor = SingleThreadedExecutor(context=context)
        executor.add_node(node)
        values: dict[str, str] = {}

        def on_diagnostics(message: DiagnosticArray) -> None:
            values.update({v.key: v.value for s in message.status for v in s.values})

        node.create_subscription(DiagnosticArray, '/diagnostics', on_diagnostics, EVENTS)
        images = node.create_publisher(Image, 'image_raw', image_qos('best_effort'))
        detections = node.create_publisher(Detection2DArray, 'detections', EVENTS)
        pixels = RoadScene(1, width=160, height=96).frame(0).image
        command = [sys.executable, '-m', 'restage.cli', 'record', str(path), '--namespace', 'front']
        recorder = subprocess.Popen(
            command, env=node_environment(domain, tmp_path / 'log'), stderr=subprocess.STDOUT
        )
        try:
            end, number = time.monotonic() + DEADLINE_S, 0
            # Images are counted once they are heard at all, which takes the recorder a second.
            while int(values.get('written', '0')) < 60:
                assert time.monotonic() < end, values
                number += 1
                header = header_of(number, 'camera')
                image = Image(header=header, height=96, width=160, encoding='bgr8', step=480)
                image.data = bgr_to_image_data(pixels)
                images.publish(image)
                detections.publish(Detection2DArray(header=header))
                executor.spin_once(timeout_sec=0.05)
        finally:
            recorder.send_signal(signal.SIGINT)
            assert recorder.wait(DEADLINE_S) == 0
            executor.shutdown()
            node.destroy_node()
            context.try_shutdown()
    with Reader(path) as bag:
        found = {connection.topic: connection for connection in bag.connections}
        (qos,) = found['/front/image_raw/compressed'].ext.offered_qos_profiles
    assert {'/front/detections', '/front/recording', '/diagnostics'} <= set(found)
    assert qos.reliability.name == 'BEST_EFFORT'
    frames = open_source(str(path), seed=0, width=0, height=0).frames()
    assert next(frames).image.shape == (96, 160, 3)
