# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The browsers that have the page open."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable

from aiohttp import WSCloseCode, WSMsgType, web

from restage.dashboard.mailbox import Mailbox

MOST = 16
LONGEST_MESSAGE = 1024
# A browser that does not answer a ping for so long is gone.
PING_S = 20.0
PERIOD_S = 0.2
ACCEPTED = '{"watch": number of a camera, or null}'


class _Viewer:
    """One of them; ``camera``: whose picture it shows."""

    def __init__(self) -> None:
        self.mail = Mailbox()
        self.camera: int | None = None


class Viewers:
    """
    Sends every viewer what is new.

    ``render`` returns the sections of the page; it is called only while somebody looks.
    """

    def __init__(self, render: Callable[[], dict[str, str]], cameras: int) -> None:
        """Begin with nobody; there are ``cameras`` cameras."""
        self._render = render
        self._cameras = cameras
        self._viewers: set[_Viewer] = set()
        self._sockets: set[web.WebSocketResponse] = set()
        self._sent: dict[str, str] = {}

    def watched(self) -> set[int]:
        """Return the cameras whose picture somebody sees; from any thread."""
        return {viewer.camera for viewer in list(self._viewers) if viewer.camera is not None}

    def picture(self, camera: int, packet: bytes) -> None:
        """Send a picture to those who watch the camera."""
        for viewer in self._viewers:
            if viewer.camera == camera:
                viewer.mail.put('picture', packet)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Serve one viewer until it leaves."""
        if len(self._viewers) >= MOST:
            raise web.HTTPServiceUnavailable(text=f'{MOST} pages are open already; close one')
        socket = web.WebSocketResponse(heartbeat=PING_S, max_msg_size=LONGEST_MESSAGE)
        await socket.prepare(request)
        viewer = _Viewer()
        for name, text in self._render().items():
            viewer.mail.put(name, text)
        self._viewers.add(viewer)
        self._sockets.add(socket)
        sender = asyncio.create_task(_send(socket, viewer.mail))
        try:
            await self._listen(socket, viewer)
        finally:
            self._viewers.discard(viewer)
            self._sockets.discard(socket)
            sender.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await sender
        return socket

    async def _listen(self, socket: web.WebSocketResponse, viewer: _Viewer) -> None:
        async for message in socket:
            text = message.data if message.type is WSMsgType.TEXT else ''
            try:
                viewer.camera = self.asked(text)
            except ValueError as error:
                await socket.send_json({'error': str(error)})
                await socket.close(code=WSCloseCode.POLICY_VIOLATION)

    def asked(self, text: str) -> int | None:
        """
        Return which camera a viewer asks for; None: no longer any.

        :raises ValueError: when it does not.
        """
        try:
            message = json.loads(text)
        except (ValueError, RecursionError):
            message = None
        if isinstance(message, dict) and set(message) == {'watch'}:
            camera = message['watch']
            if camera is None or (type(camera) is int and 0 <= camera < self._cameras):
                return camera
        raise ValueError(f'message not understood; accepted: {ACCEPTED}')

    async def keep_informed(self) -> None:
        """Send what has changed, for ever."""
        while True:
            await asyncio.sleep(PERIOD_S)
            if not self._viewers:
                continue
            for name, text in self._render().items():
                if self._sent.get(name) == text:
                    continue
                self._sent[name] = text
                for viewer in self._viewers:
                    viewer.mail.put(name, text)

    async def informing(self, _app: web.Application) -> AsyncIterator[None]:
        """Inform for as long as the application runs, then close every connection."""
        task = asyncio.create_task(self.keep_informed())
        yield
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    async def close(self, _app: web.Application) -> None:
        """Tell every viewer that the server ends."""
        for socket in list(self._sockets):
            with contextlib.suppress(ConnectionError):
                await socket.close(code=WSCloseCode.GOING_AWAY, message=b'the dashboard has ended')


async def _send(socket: web.WebSocketResponse, mail: Mailbox) -> None:
    with contextlib.suppress(ConnectionError):
        while not socket.closed:
            message = await mail.take()
            if isinstance(message, str):
                await socket.send_str(message)
            else:
                await socket.send_bytes(message)
