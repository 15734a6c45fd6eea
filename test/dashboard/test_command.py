# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from restage.cli import main


@pytest.mark.parametrize(
    ('words', 'why'),
    [
        (['--cameras', 'front,front'], 'different names'),
        (['--namespace', 'a b'], "--namespace is 'a b'; accepted: a ROS namespace"),
        (['--port', '99999'], 'port'),
        (['--ftti-ms', '0'], 'ftti_ms'),
        (['--host', '192.0.2.1', '--port', '0'], 'cannot listen on 192.0.2.1:0'),
    ],
)
def test_what_is_not_accepted_is_named(
    words: list[str], why: str, capfd: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip('rclpy', reason='ROS 2 (rclpy) is not installed')
    assert main(['dashboard', *words]) == 2
    said = capfd.readouterr().err
    assert why in said
    assert 'Traceback' not in said
