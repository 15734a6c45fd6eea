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
FAILING = """
import atexit
from restage.nodes import detection_node

def fail(*_):
    raise MemoryError('in a callback')

atexit.register(lambda: print('unloading', flush=True))
detection_node.run_node = fail
detection_node.main()
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


def test_a_detection_node_that_fails_is_dead_at_once() -> None:
    done = subprocess.run(
        [sys.executable, '-c', FAILING],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, '')
    assert done.stderr.endswith('MemoryError: in a callback\n')
