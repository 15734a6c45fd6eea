# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The page's files, read once: nothing else of the disk is ever served."""

from __future__ import annotations

from importlib.resources import files

from aiohttp import web

_TYPES = {
    'html': 'text/html',
    'css': 'text/css',
    'js': 'text/javascript',
    'svg': 'image/svg+xml',
}


def static_files() -> dict[str, tuple[str, str]]:
    """Return text and content type of every file of the page by name."""
    folder = files('restage.dashboard') / 'static'
    return {
        file.name: (file.read_text('utf-8'), _TYPES[file.name.rpartition('.')[2]])
        for file in folder.iterdir()
        if file.name.rpartition('.')[2] in _TYPES
    }


def add_files(app: web.Application) -> None:
    """Serve the page at ``/`` and its files beside it."""
    for name, (text, kind) in static_files().items():

        async def serve(
            _request: web.Request, text: str = text, kind: str = kind
        ) -> web.StreamResponse:
            return web.Response(text=text, content_type=kind, charset='utf-8')

        app.router.add_get('/' if name == 'index.html' else f'/{name}', serve)
