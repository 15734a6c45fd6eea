# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What a browser, or whoever pretends to be one, sends to the dashboard."""

from __future__ import annotations

import json
from pathlib import Path

from aiohttp import web

from restage.dashboard.access import Access, Refused
from restage.dashboard.guard import refusal
from restage.dashboard.injecting import fault_from
from restage.dashboard.viewers import Viewers
from restage.faults.errors import FaultError
from restage.faults.messages import fault_to_command

from .target import Target

VIEWERS = Viewers(dict, 2)
ACCESS = Access('127.0.0.1')
LINES = 3


def _body(data: bytes, _folder: Path) -> object:
    """Read the body of POST /inject; what is refused must fit into an answer."""
    try:
        fault = fault_from(data)
    except FaultError as error:
        assert json.loads(_text(refusal(400, str(error))))
        raise
    return fault_to_command(fault)


def _message(data: bytes, _folder: Path) -> object:
    """Read a message on the WebSocket; aiohttp hands out UTF-8 only."""
    camera = VIEWERS.asked(data.decode('utf-8', 'replace'))
    assert camera in (None, 0, 1)
    return camera


def _headers(data: bytes, _folder: Path) -> object:
    """Check Host, Origin and Authorization, in lines, as aiohttp decodes them."""
    text = data.decode('utf-8', 'surrogateescape')
    host, origin, token = [*text.split('\n', LINES - 1), '', ''][:LINES]
    try:
        ACCESS.check_host(host or None)
        ACCESS.check_origin(origin or None, host)
        ACCESS.check_token(token.replace('TOKEN', ACCESS.token) or None)
    except Refused as error:
        assert json.loads(_text(refusal(403, str(error))))
        raise
    return host


def _text(answer: web.Response) -> bytes:
    body = answer.body
    assert isinstance(body, bytes)
    return body


TARGETS = {
    'dashboard_body': Target(
        _body,
        (FaultError,),
        lambda _: [b'{"kind": "proc.kill", "target": "primary", "stage": "neck"}'],
        'json',
    ),
    'dashboard_socket': Target(_message, (ValueError,), lambda _: [b'{"watch": 1}'], 'json'),
    'dashboard_headers': Target(
        _headers,
        (Refused,),
        lambda _: [b'127.0.0.1:8650\nhttp://127.0.0.1:8650\nBearer TOKEN', b'[::1]:8650\n\nBasic'],
    ),
}
