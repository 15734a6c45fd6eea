# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The end of a node, as processes see it."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

from restage.harness.domain import own_domain
from restage.harness.environment import node_environment

PATIENCE_S = 60.0
NODE = """
from rclpy.node import Node
from restage.nodes.spin import run_node

def make():
    node = Node('signalled')
    print('up', flush=True)
    return node

raise SystemExit(run_node(make, None))
"""


def test_more_than_one_signal_is_one_end(tmp_path) -> None:
    with own_domain() as domain:
        process = subprocess.Popen(
            [sys.executable, '-c', NODE],
            env=node_environment(domain, tmp_path),
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == 'up\n'
        end = time.monotonic() + PATIENCE_S
        while process.poll() is None:
            assert time.monotonic() < end
            process.send_signal(signal.SIGINT)
            time.sleep(0.001)
        process.stdout.close()
    assert process.returncode == 0
