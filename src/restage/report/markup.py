# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Pieces of an HTML page; every text that goes in is escaped."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True)
class Marked:
    """A text with a CSS class: ``good``, ``bad`` or ``quiet``."""

    text: str
    kind: str


Text = str | Marked


def table(
    caption: str, headers: Sequence[str], rows: Iterable[Sequence[Text]], *, words: bool = False
) -> str:
    """
    Return a table; the first of each row is its header. A wide one scrolls by itself.

    ``words``: it holds sentences, which are broken and begin at the left.
    """
    head = ''.join(f'<th scope="col">{escape(header)}</th>' for header in headers)
    body = '\n'.join(f'<tr>{_row(row)}</tr>' for row in rows)
    kind = ' class="words"' if words else ''
    return (
        f'<div class="wide" role="region" aria-label="{escape(caption)}" tabindex="0">'
        f'<table{kind}>\n'
        f'<caption>{escape(caption)}</caption>\n<thead><tr>{head}</tr></thead>\n'
        f'<tbody>\n{body}\n</tbody></table></div>'
    )


def figure(picture: bytes, caption: str) -> str:
    """Return a picture (PNG or JPEG) that is part of the page."""
    data = b64encode(picture).decode()
    form = 'png' if picture.startswith(b'\x89PNG') else 'jpeg'
    return (
        f'<figure><div class="wide" role="region" aria-label="{escape(caption)}" tabindex="0">'
        f'<img alt="{escape(caption)}" src="data:image/{form};base64,{data}"></div>\n'
        f'<figcaption>{escape(caption)}</figcaption></figure>'
    )


def section(title: str, *content: str) -> str:
    """Return a section with a heading; nothing where there is no content."""
    inner = '\n'.join(piece for piece in content if piece)
    return f'<section>\n<h2>{escape(title)}</h2>\n{inner}\n</section>' if inner else ''


def paragraph(text: str, kind: str = '') -> str:
    """Return a paragraph, of a CSS class."""
    return f'<p class="{escape(kind)}">{escape(text)}</p>' if kind else f'<p>{escape(text)}</p>'


def listing(items: Iterable[str]) -> str:
    """Return a list; nothing for no items."""
    inner = ''.join(f'<li>{escape(item)}</li>' for item in items)
    return f'<ul>{inner}</ul>' if inner else ''


def code(text: str) -> str:
    """Return a block to be copied."""
    return f'<pre tabindex="0"><code>{escape(text)}</code></pre>'


def _row(cells: Sequence[Text]) -> str:
    first, *rest = cells
    return f'<th scope="row"{_inner(first)}</th>' + ''.join(
        f'<td{_inner(one)}</td>' for one in rest
    )


def _inner(cell: Text) -> str:
    if isinstance(cell, Marked):
        return f' class="{escape(cell.kind)}">{escape(cell.text)}'
    return f'>{escape(cell)}'
