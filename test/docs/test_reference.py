# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The reference is what the code says now."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip('rclpy', reason='ROS 2 (rclpy) is not installed')

ROOT = Path(__file__).resolve().parents[2]


def test_every_page_is_up_to_date() -> None:
    """In a process of its own: it makes, configures and asks every node."""
    path = os.pathsep.join([str(ROOT / 'tools'), *filter(None, sys.path)])
    done = subprocess.run(
        [sys.executable, '-m', 'reference', '--check'],
        env={**os.environ, 'PYTHONPATH': path},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
