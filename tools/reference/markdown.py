# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Markdown as the pages need it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

MADE = '<!-- Made from the code by tools/reference: `make reference` writes it anew. -->'


def page(title: str, *parts: str) -> str:
    """Return a page of ``parts``."""
    return '\n\n'.join([f'# {title}', MADE, *(_wrapped(part) for part in parts if part)]) + '\n'


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; pipes in cells are kept from ending them."""
    lines = [_line(head), _line(['---'] * len(head)), *(_line(row) for row in rows)]
    return '\n'.join(lines)


def code(text: object) -> str:
    """Return ``text`` as code; nothing of nothing."""
    return f'`{text}`' if text not in ('', None) else ''


def _wrapped(part: str) -> str:
    """Return ``part`` in lines of at most 100 characters, if it is a paragraph of text."""
    if part[0] in '#|' or '\n' in part:
        return part.strip('\n')
    return textwrap.fill(part, 100, break_long_words=False, break_on_hyphens=False)


def _line(cells: Sequence[str]) -> str:
    escaped = (' '.join(cell.replace('|', '\\|').split()) for cell in cells)
    return f'| {" | ".join(escaped)} |'
