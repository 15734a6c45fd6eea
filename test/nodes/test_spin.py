# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""How a node ends that cannot start, or one of whose threads fails."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytest.importorskip('rclpy', reason='ROS 2 (rclpy) is not installed')

from restage.harness.domain import own_domain
from restage.harness.environment import node_environment

NODE = """
import sys, threading
from rclpy.node import Node
from restage.nodes.spin import run_node

class Half(Node):
    def __init__(self):
        super().__init__('half')
        def fail():
            raise KeyError('nobody foresaw this')
        if sys.argv[1] == 'thread':
            threading.Thread(target=fail).start()
        else:
            self.create_timer(0.0, fail)

sys.exit(run_node(Half, []))
"""


@pytest.mark.parametrize('where', ['thread', 'callback'])
def test_an_error_that_nobody_foresaw_ends_the_process_and_is_told(where, tmp_path) -> None:
    with own_domain() as domain:
        done = subprocess.run(
            [sys.executable, '-c', NODE, where],
            env=node_environment(domain, tmp_path),
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert done.returncode == 1
    assert "KeyError: 'nobody foresaw this'" in done.stderr


@pytest.mark.parametrize(
    ('arguments', 'security', 'said'),
    [
        (['--enclave', '//'], {}, 'Enclave name is not valid'),
        # Nothing is at that place; and the middleware of the wheels knows no security.
        ([], {'ROS_SECURITY_ENABLE': 'true', 'ROS_SECURITY_STRATEGY': 'Enforce'}, 'ecurity'),
    ],
)
def test_a_node_that_ros_refuses_says_so_in_one_message(
    arguments, security, said, tmp_path
) -> None:
    script = NODE.replace('(Half, [])', f'(lambda: Node("one"), {["--ros-args", *arguments]})')
    with own_domain() as domain:
        environment = node_environment(domain, tmp_path)
        done = subprocess.run(
            [sys.executable, '-c', script, 'callback'],
            env={**environment, **security, 'ROS_SECURITY_KEYSTORE': str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert done.returncode == 1
    assert 'cannot start: ROS 2 refuses the node' in done.stderr
    assert said in done.stderr
    assert 'Traceback' not in done.stderr
