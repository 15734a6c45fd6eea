# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import sys
import urllib.request

import pytest

pytest.importorskip('rclpy', reason='ROS 2 (rclpy) is not installed')

from restage.diagnosis.status import Level, Status
from restage.nodes.metrics import Metrics, MetricsError


@pytest.fixture
def metrics():
    made = Metrics('recovery')
    yield made
    made.close()


def test_prometheus_reads_what_was_last_collected_and_only_on_this_host(
    metrics, monkeypatch
) -> None:
    monkeypatch.setenv('no_proxy', '*')
    pytest.importorskip('prometheus_client')
    metrics.serve(0)
    host, port = metrics._server.server_address
    assert host == '127.0.0.1'
    metrics.statuses = [
        Status('frames', Level.WARN, 'lost', {'lost[fenced]': 2, 'hz': 29.5, 'why': 'x'})
    ]
    with urllib.request.urlopen(f'http://127.0.0.1:{port}/metrics', timeout=10) as page:
        text = page.read().decode()
    assert 'restage_level{item="frames",node="recovery",of=""} 1.0' in text
    assert 'restage_lost{item="frames",node="recovery",of="fenced"} 2.0' in text
    assert 'restage_hz{item="frames",node="recovery",of=""} 29.5' in text
    assert 'restage_why' not in text

    second = Metrics('camera')
    with pytest.raises(MetricsError, match='Each node needs a port of its own'):
        second.serve(port)


def test_without_the_library_there_is_one_clear_message(metrics, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, 'prometheus_client', None)
    with pytest.raises(MetricsError, match=r"pip install 'restage\[metrics\]', or set it to 0"):
        metrics.serve(9100)
