# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import signal
import subprocess

import pytest

from restage.harness.ending import end_all

STEPS = ((signal.SIGINT, 0.3), (signal.SIGTERM, 0.3), (signal.SIGKILL, 30.0))


def start(script: str) -> subprocess.Popen[bytes]:
    """Start a shell that says when its script is at work."""
    words = ['bash', '-c', f'{script}; echo; while :; do sleep 0.05; done']
    process = subprocess.Popen(words, stdout=subprocess.PIPE)
    assert process.stdout is not None
    with process.stdout as lines:
        lines.readline()
    return process


@pytest.mark.parametrize(
    ('script', 'status'),
    [
        ("trap 'exit 7' INT", 7),
        ("trap '' INT", -signal.SIGTERM),
        ("trap '' INT TERM", -signal.SIGKILL),
    ],
)
def test_a_process_ends_by_the_mildest_signal_that_it_heeds(script: str, status: int) -> None:
    process = start(script)
    end_all([process], STEPS)
    assert process.poll() == status


def test_one_that_has_ended_is_left_alone() -> None:
    process = subprocess.Popen(['true'])
    process.wait(10)
    end_all([process], STEPS)
    assert process.returncode == 0
