# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A fault that the page asks for."""

from __future__ import annotations

import asyncio
import json
import secrets
import uuid
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

from aiohttp import web

from restage.dashboard.access import Access
from restage.dashboard.guard import refusal
from restage.faults.command import Fault
from restage.faults.errors import FaultError
from restage.faults.taxonomy import find_kind

LONGEST_BODY = 4096
PATIENCE_S = 5.0
FIELDS = ('kind', 'target', 'stage')


@dataclass(frozen=True)
class Answer:
    """What the injector said to a request; ``message``: why not."""

    accepted: bool
    id: str
    message: str


# Asks the injector for a fault; None: there is no injector.
Inject = Callable[[Fault], 'Future[Answer] | None']


def fault_from(body: bytes) -> Fault:
    """
    Return the fault that a request describes, with an id and a seed of its own.

    :raises FaultError: when it describes none; says what is accepted.
    """
    try:
        wanted = json.loads(body)
    except (ValueError, RecursionError):
        raise FaultError('the body is not JSON') from None
    if not isinstance(wanted, dict) or not set(wanted) <= set(FIELDS):
        raise FaultError(f'the body is not a request; accepted: an object with {_FIELD_NAMES}')
    for name, value in wanted.items():
        if not isinstance(value, str):
            raise FaultError(f"'{name}' is not a text")
    if 'kind' not in wanted:
        raise FaultError("'kind' is missing; accepted: a kind of fault")
    kind = find_kind(wanted['kind'])
    return Fault(
        id=f'dashboard-{uuid.uuid4().hex[:12]}',
        kind=kind.name,
        target=wanted.get('target') or kind.default_target,
        stage=wanted.get('stage', ''),
        when=kind.default_when,
        seed=secrets.randbits(32),
    )


_FIELD_NAMES = ', '.join(FIELDS)


class InjectHandler:
    """Serves ``POST /inject``."""

    def __init__(self, access: Access, inject: Inject) -> None:
        """Let in who has the token of ``access``."""
        self._access = access
        self._inject = inject

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Ask for the fault; 200 with its id once the injector has passed it on."""
        self._access.check_token(request.headers.get('Authorization'))
        if request.content_type != 'application/json':
            return refusal(415, 'the body must be application/json')
        try:
            fault = fault_from(await request.read())
        except FaultError as error:
            return refusal(400, str(error))
        asked = self._inject(fault)
        if asked is None:
            return refusal(
                409,
                'this system takes no faults: it was started without allow_fault_injection',
            )
        try:
            answer = await asyncio.wait_for(asyncio.wrap_future(asked), PATIENCE_S)
        except asyncio.TimeoutError:
            return refusal(504, f'the injector did not answer within {PATIENCE_S:g} s')
        if not answer.accepted:
            return refusal(409, answer.message)
        return web.json_response({'id': answer.id, 'kind': fault.kind, 'seed': fault.seed})
