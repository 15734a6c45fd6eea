# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

pytest.importorskip('rclpy', reason='ROS 2 (rclpy) is not installed')

import rclpy
from rclpy.clock import ClockType
from rclpy.executors import SingleThreadedExecutor

from restage.harness.domain import own_domain
from restage.nodes.steady import steady_timer


def test_it_fires_while_simulated_time_stands_still_and_not_before_it_is_started() -> None:
    with own_domain() as domain:
        context = rclpy.Context()
        rclpy.init(
            args=['--ros-args', '-p', 'use_sim_time:=true'], context=context, domain_id=domain
        )
        node = rclpy.create_node('simulated', context=context)
        executor = SingleThreadedExecutor(context=context)
        executor.add_node(node)
        fired: list[str] = []
        waiting = steady_timer(node, 0.001, lambda: fired.append('waiting'), autostart=False)
        timer = steady_timer(node, 0.001, lambda: fired.append('running'))
        assert node.get_clock().now().nanoseconds == 0
        assert timer.clock.clock_type == ClockType.STEADY_TIME
        try:
            while 'running' not in fired:
                executor.spin_once(timeout_sec=10.0)
            assert 'waiting' not in fired
            waiting.reset()
            while 'waiting' not in fired:
                executor.spin_once(timeout_sec=10.0)
        finally:
            executor.shutdown()
            node.destroy_node()
            context.try_shutdown()
