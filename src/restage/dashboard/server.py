# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The web server: the page, the live socket, and the one request that does something."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Callable

from aiohttp import web

from restage.dashboard.access import Access
from restage.dashboard.files import add_files
from restage.dashboard.guard import add_headers, guard
from restage.dashboard.injecting import LONGEST_BODY, Inject, InjectHandler
from restage.dashboard.viewers import Viewers

ENDING_S = 1.0


class CannotListenError(OSError):
    """The address cannot be served; the message says why and what to do."""


def make_app(access: Access, viewers: Viewers, inject: Inject) -> web.Application:
    """Return the application."""
    app = web.Application(client_max_size=LONGEST_BODY, middlewares=[guard(access)])
    add_files(app)
    app.router.add_get('/live', viewers.serve)
    app.router.add_post('/inject', InjectHandler(access, inject).serve)
    app.on_response_prepare.append(add_headers)
    app.on_shutdown.append(viewers.close)
    app.cleanup_ctx.append(viewers.informing)
    return app


async def serve(
    app: web.Application,
    host: str,
    port: int,
    listening: Callable[[int], None],
    ended: asyncio.Event,
) -> None:
    """
    Serve until ``ended`` is set; ``listening`` hears the port (one that is free for port 0).

    :raises CannotListenError: when the address is not this machine's, or taken.
    """
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=ENDING_S)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        try:
            await site.start()
        except OSError as error:
            why = error.strerror or str(error)
            raise CannotListenError(
                f'cannot listen on {host}:{port}: {why}; choose another port (0: a free one) or '
                'an address of this machine'
            ) from None
        listening(runner.addresses[0][1])
        await ended.wait()
    finally:
        await runner.cleanup()


def url(host: str, port: int, token: str) -> str:
    """
    Return the address of the page with the token.

    It is behind a #, so that browsers keep it to themselves: it is in no request and no log.
    """
    return f'http://{_reachable(host)}:{port}/#token={token}'


def _reachable(host: str) -> str:
    """Return what a browser on this machine can open."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if address.is_unspecified:
        return '127.0.0.1' if address.version == 4 else '[::1]'
    return host if address.version == 4 else f'[{host}]'
