# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The pages, their fenced blocks and their inline code."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_FENCE = re.compile(r'^( *)```+([^\n`]*)\n(.*?)^\1```+ *$', re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r'`([^`]+)`')


@dataclass(frozen=True)
class Block:
    """A fenced block: of which page, from which line on, in which language."""

    page: str
    line: int
    language: str
    text: str

    @property
    def place(self) -> str:
        """Return where it is, as editors understand it."""
        return f'{self.page}:{self.line}'


def pages() -> list[Path]:
    """Return every page that people read, the README first."""
    names = ('README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'QUALITY_DECLARATION.md')
    return [
        *(ROOT / name for name in names),
        *sorted((ROOT / 'docs').rglob('*.md')),
        ROOT / 'docker' / 'README.md',
    ]


def blocks(page: Path) -> Iterator[Block]:
    """Return the fenced blocks of a page."""
    text = page.read_text(encoding='utf-8')
    name = str(page.relative_to(ROOT))
    for found in _FENCE.finditer(text):
        line = text.count('\n', 0, found.start()) + 1
        yield Block(name, line, found[2].strip(), textwrap.dedent(found[3]))


def inline(page: Path) -> list[str]:
    """Return what is set as code within the prose of a page, each on one line."""
    prose = _FENCE.sub('', page.read_text(encoding='utf-8'))
    return [' '.join(span.split()) for span in _INLINE.findall(prose)]


def table(page: str, name: str) -> list[dict[str, str]]:
    """Return the rows of the table between the marks ``name``, by the names of its columns."""
    text = (ROOT / page).read_text(encoding='utf-8')
    part = text.split(f'<!-- {name}: ')[1].split(f'<!-- /{name} -->')[0]
    return rows(part)


def rows(text: str) -> list[dict[str, str]]:
    """Return the rows of the table in ``text``, by the names of its columns."""
    lines = [line for line in text.splitlines() if line.startswith('|')]
    head, _, *body = [[cell.strip() for cell in line.strip('|').split('|')] for line in lines]
    return [dict(zip(head, cells, strict=True)) for cells in body]
