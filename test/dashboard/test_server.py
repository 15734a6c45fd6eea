# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The server: who is let in, what is refused and how, and what a viewer gets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from typing import Any

import pytest

pytest.importorskip('aiohttp', reason='aiohttp is not installed')

from aiohttp import WSMsgType, WSServerHandshakeError
from aiohttp.test_utils import TestClient, TestServer

from restage.dashboard.access import Access, Refused
from restage.dashboard.files import static_files
from restage.dashboard.guard import HEADERS
from restage.dashboard.injecting import Answer
from restage.dashboard.mailbox import Mailbox
from restage.dashboard.server import make_app, url
from restage.dashboard.viewers import Viewers
from restage.faults.command import Fault

ACCESS = Access('127.0.0.1')
KILL = {'kind': 'proc.kill', 'target': 'primary', 'stage': 'neck'}


class System:
    """What the server is put before: sections of a page, and an injector."""

    def __init__(self) -> None:
        self.sections = {'nodes': '{"section": "nodes", "data": []}'}
        self.asked: list[Fault] = []
        self.answer: Answer | None = Answer(True, 'an-id', '')
        self.viewers = Viewers(lambda: dict(self.sections), 2)

    def inject(self, fault: Fault) -> Future[Answer] | None:
        if self.answer is None:
            return None
        self.asked.append(fault)
        future: Future[Answer] = Future()
        future.set_result(self.answer)
        return future


def served(test: Callable[[TestClient, System], Awaitable[None]]) -> None:
    async def run() -> None:
        system = System()
        app = make_app(ACCESS, system.viewers, system.inject)
        async with TestClient(TestServer(app)) as client:
            await test(client, system)

    asyncio.run(run())


def posted(
    body: Any = None, *, raw: bytes | None = None, system: Answer | str | None = '', **headers: str
) -> tuple[int, str, list[Fault]]:
    """Return status, error and the faults asked for after one request with a token."""
    found: list[Any] = []

    async def test(client: TestClient, place: System) -> None:
        if not isinstance(system, str):
            place.answer = system
        given = {
            'Authorization': f'Bearer {ACCESS.token}',
            'Content-Type': 'application/json',
            **{name.replace('_', '-'): value for name, value in headers.items()},
        }
        data = raw if raw is not None else json.dumps(body).encode()
        answer = await client.post('/inject', data=data, headers=given)
        assert answer.content_type == 'application/json'
        found.extend([answer.status, (await answer.json()).get('error', ''), place.asked])

    served(test)
    return found[0], found[1], found[2]


def test_a_fault_is_asked_for_with_an_id_and_a_seed_of_its_own() -> None:
    status, _, (fault,) = posted(KILL)
    assert status == 200
    assert (fault.kind, fault.target, fault.stage) == ('proc.kill', 'primary', 'neck')
    assert fault.id.startswith('dashboard-')
    (other,) = posted(KILL)[2]
    assert other.id != fault.id


@pytest.mark.parametrize(
    ('headers', 'status', 'why'),
    [
        ({'Authorization': 'Bearer wrong'}, 403, 'token'),
        ({'Authorization': ''}, 403, 'token'),
        ({'Authorization': f'Basic {ACCESS.token}'}, 403, 'token'),
        ({'Origin': 'http://evil.example'}, 403, "origin 'http://evil.example'"),
        ({'Origin': 'null'}, 403, "origin 'null'"),
        ({'Host': 'evil.example:8650'}, 403, "host 'evil.example:8650'"),
        ({'Content_Type': 'text/plain'}, 415, 'application/json'),
    ],
)
def test_who_may_not_is_told_why_and_nothing_is_injected(
    headers: dict[str, str], status: int, why: str
) -> None:
    got, error, asked = posted(KILL, **headers)
    assert (got, asked) == (status, [])
    assert why in error


@pytest.mark.parametrize(
    ('raw', 'status', 'why'),
    [
        (b'{', 400, 'not JSON'),
        (b'\xff\xfe\x00', 400, 'not JSON'),
        (b'[' * 4000, 400, 'not JSON'),
        (b'[]', 400, 'kind, target, stage'),
        (b'{"kind": "proc.kill", "else": 1}', 400, 'kind, target, stage'),
        (b'{"kind": 5}', 400, "'kind' is not a text"),
        (b'{}', 400, "'kind' is missing"),
        (b'{"kind": "proc.kil"}', 400, "did you mean 'proc.kill'"),
        (b'{"kind": "proc.kill", "target": "; rm"}', 400, "'target'"),
        (b'{"kind": "proc.kill", "stage": "a b"}', 400, "'stage'"),
        (b'x' * 5000, 413, '4096'),
    ],
)
def test_a_bad_request_is_refused_with_one_message(raw: bytes, status: int, why: str) -> None:
    got, error, asked = posted(raw=raw)
    assert (got, asked) == (status, [])
    assert why in error
    assert '\n' not in error


def test_a_system_that_takes_no_faults_says_so() -> None:
    assert posted(KILL, system=None)[:2] == (
        409,
        'this system takes no faults: it was started without allow_fault_injection',
    )
    assert posted(KILL, system=Answer(False, '', 'nobody listens'))[:2] == (409, 'nobody listens')


def test_the_page_and_all_its_files_are_served_with_the_security_headers() -> None:
    async def test(client: TestClient, _: System) -> None:
        for name in ('', *static_files()):
            if name == 'index.html':
                continue
            answer = await client.get(f'/{name}')
            assert answer.status == 200, name
            assert {key: answer.headers[key] for key in HEADERS} == HEADERS
        for name in ('../board.py', '%2e%2e/board.py', 'index.html'):
            answer = await client.get(f'/{name}')
            assert answer.status == 404, name
            assert answer.headers['Content-Security-Policy']
        assert (await client.get('/inject')).status == 405

    served(test)


def test_nothing_on_the_page_comes_from_elsewhere_or_is_inline() -> None:
    for name, (text, _) in static_files().items():
        outside = text.replace('http://www.w3.org/2000/svg', '')
        assert 'http:' not in outside.replace("'https:'", ''), name
        assert 'innerHTML' not in text, name
    page = static_files()['index.html'][0]
    assert 'style=' not in page
    assert 'onclick' not in page


def test_a_viewer_gets_what_there_is_and_then_what_changes() -> None:
    async def test(client: TestClient, system: System) -> None:
        async with client.ws_connect('/live') as socket:
            assert await socket.receive_json(timeout=20) == {'section': 'nodes', 'data': []}
            system.sections['nodes'] = '{"section": "nodes", "data": [1]}'
            while (await socket.receive_json(timeout=20))['data'] != [1]:
                pass

    served(test)


def test_pictures_go_to_who_watches_that_camera() -> None:
    async def test(client: TestClient, system: System) -> None:
        async with client.ws_connect('/live') as socket:
            await socket.send_json({'watch': 1})
            while system.viewers.watched() != {1}:
                await asyncio.sleep(0.01)
            system.viewers.picture(0, b'of another camera')
            system.viewers.picture(1, b'picture')
            while (message := await socket.receive(timeout=20)).type is not WSMsgType.BINARY:
                pass
            assert message.data == b'picture'
        while system.viewers.watched():
            await asyncio.sleep(0.01)

    served(test)


@pytest.mark.parametrize('text', ['{', '[]', '{"watch": 9}', '{"watch": true}', '{"do": 1}'])
def test_a_viewer_that_says_what_is_not_understood_is_told_and_let_go(text: str) -> None:
    async def test(client: TestClient, _: System) -> None:
        async with client.ws_connect('/live') as socket:
            await socket.send_str(text)
            said = ''
            while not socket.closed:
                message = await socket.receive(timeout=20)
                if message.type is WSMsgType.TEXT and 'error' in message.data:
                    said = message.data
            assert 'accepted' in said
            assert socket.close_code == 1008

    served(test)


@pytest.mark.parametrize(
    'headers', [{'Origin': 'http://evil.example'}, {'Host': 'evil.example'}, {'Origin': 'null'}]
)
def test_another_site_gets_no_socket(headers: dict[str, str]) -> None:
    async def test(client: TestClient, _: System) -> None:
        with pytest.raises(WSServerHandshakeError) as refused:
            await client.ws_connect('/live', headers=headers)
        assert refused.value.status == 403

    served(test)


def test_what_waits_for_a_slow_viewer_does_not_grow() -> None:
    async def test() -> list[str | bytes]:
        mail = Mailbox()
        for number in range(1000):
            mail.put('nodes', f'nodes {number}')
            mail.put('picture', f'picture {number}')
        return [await mail.take(), await mail.take()]

    assert asyncio.run(test()) == ['nodes 999', 'picture 999']


@pytest.mark.parametrize(
    'host', ['127.0.0.1:1', 'localhost', '[::1]:8650', '192.168.1.7:80', 'LOCALHOST:9']
)
def test_addresses_and_names_of_this_machine_are_served(host: str) -> None:
    ACCESS.check_host(host)
    ACCESS.check_origin(f'http://{host}', host)


@pytest.mark.parametrize(
    'host', [None, '', 'evil.example', '127.0.0.1.evil.example', '[::1', 'a b']
)
def test_other_names_are_not(host: str | None) -> None:
    with pytest.raises(Refused):
        ACCESS.check_host(host)


@pytest.mark.parametrize(
    ('host', 'start'),
    [
        ('127.0.0.1', 'http://127.0.0.1:5/#token=t'),
        ('0.0.0.0', 'http://127.0.0.1:5/#token=t'),
        ('::', 'http://[::1]:5/#token=t'),
        ('robot', 'http://robot:5/#token=t'),
    ],
)
def test_the_address_that_is_printed_can_be_opened(host: str, start: str) -> None:
    assert url(host, 5, 't') == start
