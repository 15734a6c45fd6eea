# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""
The launched system survives a soft fault and the death of its primary detector.

Run it with ``launch_test test/test_recovery_launch.py``, or with pytest where the launch_testing
plugin is installed. The package must be built and sourced.
"""

from __future__ import annotations

import os
import time
import unittest
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip('launch_testing', reason='needs launch_testing, which comes with ROS 2')
pytest.importorskip('launch_ros', reason='needs launch_ros, which comes with ROS 2')

import launch_testing
import rclpy
from ament_index_python.packages import PackageNotFoundError, get_package_prefix
from launch.actions import IncludeLaunchDescription, SetEnvironmentVariable
from launch.launch_description import LaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch_testing.actions import ReadyToTest
from launch_testing.asserts import assertExitCodes
from launch_testing.proc_info_handler import ProcInfoHandler
from lifecycle_msgs.msg import State
from rclpy.executors import SingleThreadedExecutor
from rclpy.qos import DurabilityPolicy, QoSProfile
from restage_msgs.msg import FaultCommand, Heartbeat, RecoveryEvent
from restage_msgs.srv import InjectFault
from vision_msgs.msg import Detection2DArray

from restage.system import DETECTORS

try:
    get_package_prefix('restage')
except PackageNotFoundError:
    pytest.skip('needs the package restage built and sourced', allow_module_level=True)

DOMAIN = 1 + os.getpid() % 100
LAUNCH_FILE = Path(__file__).resolve().parents[1] / 'launch' / 'restage.launch.py'

START_S = 90.0
RECOVERY_S = 30.0


@pytest.mark.launch_test
def generate_test_description() -> LaunchDescription:
    """Return the system of restage.launch.py, slow enough that a loaded machine keeps up."""
    return LaunchDescription(
        [
            SetEnvironmentVariable('ROS_DOMAIN_ID', str(DOMAIN)),
            IncludeLaunchDescription(
                PythonLaunchDescriptionSource(str(LAUNCH_FILE)),
                launch_arguments={
                    'source': 'synthetic',
                    'rate_hz': '10.0',
                    'allow_fault_injection': 'true',
                }.items(),
            ),
            ReadyToTest(),
        ]
    )


class Probe:
    """A node that listens to the system and injects faults into it."""

    def __init__(self) -> None:
        self.context = rclpy.Context()
        rclpy.init(context=self.context, domain_id=DOMAIN)
        self.node = rclpy.create_node('recovery_launch_test', context=self.context)
        self.executor = SingleThreadedExecutor(context=self.context)
        self.executor.add_node(self.node)
        self.published: Counter[int] = Counter()
        self.recoveries: list[RecoveryEvent] = []
        latched = QoSProfile(depth=100, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        self.node.create_subscription(
            Detection2DArray, 'detections', self._on_detections, QoSProfile(depth=1000)
        )
        self.node.create_subscription(
            RecoveryEvent, 'recovery_events', self.recoveries.append, latched
        )
        self.injector = self.node.create_client(InjectFault, 'injector/inject')
        self.detectors: dict[str, Heartbeat] = {}
        self.node.create_subscription(
            Heartbeat, 'heartbeat', self._on_heartbeat, QoSProfile(depth=100)
        )

    def close(self) -> None:
        self.executor.shutdown()
        self.node.destroy_node()
        rclpy.shutdown(context=self.context)

    def _on_detections(self, message: Detection2DArray) -> None:
        self.published[stamp_ns(message.header.stamp)] += 1

    def _on_heartbeat(self, message: Heartbeat) -> None:
        self.detectors[message.node] = message

    def wait_until(self, condition: Callable[[], bool], timeout_s: float, what: str) -> None:
        deadline = time.monotonic() + timeout_s
        while not condition():
            assert time.monotonic() < deadline, f'waited {timeout_s:.0f} s in vain for {what}'
            self.executor.spin_once(timeout_sec=0.05)

    def wait_for_detections(self, count: int, timeout_s: float) -> None:
        wanted = len(self.published) + count
        self.wait_until(
            lambda: len(self.published) >= wanted, timeout_s, f'{count} more detections'
        )

    def wait_for_standby(self, timeout_s: float) -> None:
        """Wait until one living detector is active and one inactive."""
        wanted = [State.PRIMARY_STATE_INACTIVE, State.PRIMARY_STATE_ACTIVE]
        self.detectors.clear()
        self.wait_until(
            lambda: sorted(message.state for message in self.detectors.values()) == wanted,
            timeout_s,
            'one active and one inactive detector',
        )

    def recover_from(self, kind: str, when: int) -> RecoveryEvent:
        """Inject one fault into the primary's work and return what became of it."""
        command = FaultCommand(
            kind=kind,
            target='primary',
            when=when,
            persistence=FaultCommand.TRANSIENT,
            probability=1.0,
            seed=1,
        )
        self.wait_until(self.injector.service_is_ready, RECOVERY_S, 'the injector')
        future = self.injector.call_async(InjectFault.Request(command=command))
        self.wait_until(future.done, RECOVERY_S, 'an answer of the injector')
        answer = future.result()
        assert answer.accepted, answer.message

        def events() -> list[RecoveryEvent]:
            return [event for event in self.recoveries if event.fault_id == answer.id]

        self.wait_until(lambda: bool(events()), RECOVERY_S, f'a recovery from {kind}')
        return events()[0]


def stamp_ns(stamp: object) -> int:
    return stamp.sec * 1_000_000_000 + stamp.nanosec


class TestRecovery(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.probe = Probe()
        cls.probe.wait_for_detections(10, START_S)
        cls.probe.wait_for_standby(START_S)

    @classmethod
    def tearDownClass(cls) -> None:
        cls.probe.close()

    def assert_recovered(self, event: RecoveryEvent, tier: str) -> None:
        self.assertEqual(event.outcome, RecoveryEvent.RECOVERED, event)
        self.assertEqual(event.tier, tier, event)
        self.assertEqual(event.frames_lost, 0, event)
        times = (event.detected_ns, event.decided_ns, event.resumed_ns, event.first_good_output_ns)
        self.assertEqual(sorted(times), list(times), 'the times are in order')
        self.assertGreater(times[0], 0)
        self.probe.wait_for_detections(10, RECOVERY_S)
        self.assertEqual(self.probe.published[stamp_ns(event.frame)], 1, 'the frame in flight')
        twice = {stamp: n for stamp, n in self.probe.published.items() if n > 1}
        self.assertEqual(twice, {}, 'frames that were published more than once')

    def test_1_soft_fault_is_retried(self) -> None:
        event = self.probe.recover_from('nn.neuron.nan', FaultCommand.AFTER)
        self.assert_recovered(event, 'retry_stage')
        self.assertEqual(event.recovered_by, event.node)

    def test_2_standby_takes_over_from_a_killed_primary(self) -> None:
        event = self.probe.recover_from('proc.kill', FaultCommand.DURING)
        self.assert_recovered(event, 'failover')
        self.assertEqual({event.node, event.recovered_by}, set(DETECTORS))

    def test_3_respawned_detector_is_the_new_standby(self) -> None:
        self.probe.wait_for_standby(START_S)
        event = self.probe.recover_from('proc.kill', FaultCommand.DURING)
        self.assert_recovered(event, 'failover')
        self.assertEqual({event.node, event.recovered_by}, set(DETECTORS))
        self.probe.wait_for_standby(START_S)


@launch_testing.post_shutdown_test()
class TestShutdown(unittest.TestCase):
    def test_exit_codes(self, proc_info: ProcInfoHandler) -> None:
        assertExitCodes(proc_info)

    def test_shared_memory_is_given_back(self) -> None:
        stores = Path('/dev/shm').glob(f'restage-{os.getuid()}-{DOMAIN}-*')
        self.assertEqual(list(stores), [])
