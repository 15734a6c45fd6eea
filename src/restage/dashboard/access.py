# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Who may talk to the server: the token, and the checks against other sites in the same browser."""

from __future__ import annotations

import ipaddress
import secrets
import socket
from urllib.parse import urlsplit


class Refused(Exception):  # noqa: N818 - it is an answer, not a failure of ours
    """A request that is not let in; the message is for whoever sent it."""


class Access:
    """
    The rules of one server.

    ``host``: what it is bound to. A page of another site can make its visitor's browser send
    requests here (cross-site requests, also WebSockets), and can make its own name point here (DNS
    rebinding). The first are told by ``Origin``, the second by ``Host``: an address cannot be
    rebound, so that addresses are accepted, and of names only those of this machine.
    """

    def __init__(self, host: str) -> None:
        """Make a new token."""
        self.token = secrets.token_urlsafe(24)
        own = socket.gethostname().lower()
        self._names = {'localhost', host.lower(), own, f'{own}.local'}

    def check_host(self, host: str | None) -> None:
        """
        Check a Host header.

        :raises Refused: when it is neither an address nor a name of this machine.
        """
        name = _hostname(f'//{host}') if host else None
        if name is None or not (_is_address(name) or name in self._names):
            accepted = ', '.join(sorted(self._names))
            raise Refused(f"host '{host}' is not served here; accepted: an address, {accepted}")

    def check_origin(self, origin: str | None, host: str | None) -> None:
        """
        Check an Origin header, which every browser sends with a WebSocket or a POST.

        :raises Refused: when it is another site's.
        """
        if origin is not None and origin not in (f'http://{host}', f'https://{host}'):
            raise Refused(f"origin '{origin}' is another site; accepted: http://{host}")

    def check_token(self, authorization: str | None) -> None:
        """
        Check an Authorization header.

        :raises Refused: when it is not ``Bearer`` with this server's token.
        """
        kind, _, token = (authorization or '').partition(' ')
        # What is no UTF-8 in a header comes as surrogates, which cannot be encoded.
        given = token.encode(errors='replace')
        if kind != 'Bearer' or not secrets.compare_digest(given, self.token.encode()):
            raise Refused(
                'faults are injected only with the token of this server: '
                'open the address that it printed when it started'
            )


def _hostname(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
