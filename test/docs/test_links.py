# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Relative links lead to files and headings: on GitHub, and so on the site."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from doccheck.pages import ROOT, pages

LINK = re.compile(r'(?<!\\)\]\(([^)\s]+)\)')
CODE = re.compile(r'```.*?```|`[^`]*`', re.DOTALL)


@cache
def anchors(page: Path) -> frozenset[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    text = re.sub(r'^```.*?^```', '', page.read_text(), flags=re.DOTALL | re.MULTILINE)
    headings = re.findall(r'^#+ (.+)$', text, re.MULTILINE)
    return frozenset(
        re.sub(r'[^\w\- ]', '', heading.lower()).strip().replace(' ', '-') for heading in headings
    )


@pytest.mark.parametrize('page', pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    # Code in the text of a link does not matter, code elsewhere has no links.
    text = CODE.sub('', page.read_text())
    for target in LINK.findall(text):
        if '://' in target:
            continue
        path, _, anchor = target.partition('#')
        file = (page.parent / path).resolve() if path else page
        if not file.exists() or (anchor and anchor not in anchors(file)):
            broken.append(target)
    assert broken == []


def test_every_page_is_in_the_index() -> None:
    index = (ROOT / 'docs' / 'index.md').read_text()
    listed = re.findall(r'^(?:\w+ <)?([^\s>]+)>?$', index.split('```{toctree}', 1)[1], re.MULTILINE)
    patterns = [one for one in listed if not one.startswith((':', '`'))]
    for page in pages():
        relative = page.relative_to(ROOT)
        if relative.parts[0] == 'docs' and relative.name != 'index.md':
            name = str(relative.relative_to('docs').with_suffix(''))
            assert any(Path(name).match(pattern) for pattern in patterns), name
