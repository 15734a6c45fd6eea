# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What every request passes and every answer carries."""

from __future__ import annotations

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from restage.dashboard.access import Access, Refused

# Nothing from elsewhere, nothing inline, no frames; source: CSP level 3, OWASP.
HEADERS = {
    'Content-Security-Policy': (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'"
    ),
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Permissions-Policy': 'camera=(), microphone=(), geolocation=()',
    'Cache-Control': 'no-store',
}


def guard(access: Access) -> Middleware:
    """Return the middleware that applies ``access`` and says what was wrong in one line."""

    @web.middleware
    async def apply(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            access.check_host(request.headers.get('Host'))
            access.check_origin(request.headers.get('Origin'), request.headers.get('Host'))
            return await handler(request)
        except Refused as refused:
            return refusal(403, str(refused))
        except web.HTTPException as error:
            return refusal(error.status, error.text or error.reason)

    return apply


async def add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    """Put ``HEADERS`` on an answer that is about to be sent."""
    response.headers.update(HEADERS)


def refusal(status: int, why: str) -> web.Response:
    """Return the answer to a request that is not granted."""
    return web.json_response({'error': why}, status=status)
