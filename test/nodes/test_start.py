# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What has no use for PyTorch starts without it: a second in which nobody would be watched."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytest.importorskip('rclpy', reason='ROS 2 (rclpy) is not installed')

HEAVY = ('torch', 'onnxruntime', 'torchvision', 'tensorrt')
PROGRAM = """
import sys
import restage.nodes.{node}_node
print(*(name for name in {heavy} if name in sys.modules))
"""


@pytest.mark.parametrize(
    'node', ['recovery', 'camera', 'injector', 'fault_proxy', 'recorder', 'dashboard']
)
def test_a_node_that_does_not_infer_imports_no_framework(node: str) -> None:
    program = PROGRAM.format(node=node, heavy=HEAVY)
    done = subprocess.run(
        [sys.executable, '-c', program], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.split() == []
