# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What `make audit` makes of the answers it may get; the service itself is not asked here."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

TOOLS = str(Path(__file__).resolve().parents[1] / 'tools')


@pytest.fixture(autouse=True)
def tools(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, 'path', [TOOLS, *sys.path])
    monkeypatch.setenv('no_proxy', '*')


class Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        code = int(self.path.strip('/'))
        self.send_response(code)
        self.end_headers()
        self.wfile.write(b'{"info": {}, "vulnerabilities": []}')

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    with HTTPServer(('127.0.0.1', 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f'http://127.0.0.1:{server.server_port}'
        server.shutdown()
        thread.join()


def test_a_mirror_without_the_service_is_not_taken_for_a_clean_bill(server: str) -> None:
    from audit.service import unreachable

    assert unreachable(f'{server}/200') == ''
    assert unreachable(f'{server}/404') == 'it answers 404 for a release that exists'


def test_without_a_network_it_says_so() -> None:
    from audit.service import unreachable

    assert 'refused' in unreachable('http://127.0.0.1:9/x')


def test_only_what_a_newer_release_mends_fails_the_build() -> None:
    from audit.judge import judge

    open_one = {'id': 'PYSEC-1', 'aliases': ['CVE-1'], 'fix_versions': []}
    mended = {'id': 'PYSEC-2', 'fix_versions': ['2.1']}
    clean = {'name': 'a', 'version': '1', 'vulns': []}
    unknown = {'name': 'ros-kilted-rclpy', 'skip_reason': 'not found'}

    verdict = judge({'dependencies': [clean, unknown]})
    assert not verdict.fails
    assert verdict.lines == (
        'audit: 1 packages checked, 0 known vulnerabilities',
        'audit: not checked, unknown to the service: ros-kilted-rclpy',
    )
    verdict = judge({'dependencies': [{'name': 'b', 'version': '2', 'vulns': [open_one]}]})
    assert not verdict.fails
    assert verdict.lines[0] == 'b 2: PYSEC-1 CVE-1: no release mends it yet'
    verdict = judge({'dependencies': [{'name': 'b', 'version': '2', 'vulns': [open_one, mended]}]})
    assert verdict.fails
    assert 'b 2: PYSEC-2: mended in 2.1' in verdict.lines
