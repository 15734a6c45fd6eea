# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The page stands alone, is well formed, and lets no text act as markup."""

from __future__ import annotations

from base64 import b64decode
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from restage.bench.cells import ARMS, FAULTS, not_applicable
from restage.bench.document import build
from restage.bench.page import make_page, write_page
from restage.bench.trial import Trial
from restage.report.markup import table

VOID = {'meta', 'img'}


class Reader(HTMLParser):
    """Checks that tags close in order; counts them and keeps their attributes and texts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ''
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def pictures(folder: Path) -> dict[str, Path]:
    path = folder / 'one.png'
    path.write_bytes(b'\x89PNG not really')
    return {'distributions': path, 'timelines': path}


def test_the_page_is_whole_and_stands_alone(document: dict[str, Any], tmp_path: Path) -> None:
    path = write_page(document, pictures(tmp_path), tmp_path / 'bench.html')
    page = path.read_text(encoding='utf-8')
    found = Reader(page)
    assert page.startswith('<!DOCTYPE html>')
    assert 'http' not in page and 'url(' not in page
    assert not {'script', 'link', 'iframe'} & {name for name, _ in found.tags}
    images = found.all('img')
    assert len(images) == 2
    data = str(images[0]['src']).removeprefix('data:image/png;base64,')
    assert b64decode(data) == b'\x89PNG not really'
    assert all(image['alt'] for image in images)
    assert len(found.all('table')) == len(found.all('caption')) >= 10
    assert {'viewport'} <= {meta.get('name') for meta in found.all('meta')}
    assert 'prefers-color-scheme: dark' in page


def test_it_says_what_counts(document: dict[str, Any], tmp_path: Path) -> None:
    found = Reader(make_page(document, pictures(tmp_path)))
    cell = document['arms']['process_reset']['sigkill']
    assert (
        f'{cell["p50_ms"]:.0f} / {cell["p99_ms"]:.0f} / {cell["max_ms"]:.0f} (n 10)' in found.text
    )
    assert '8 of 8 goals met.' in found.text
    assert 'Not applicable: stage_resume, whole_frame_rerun, model_reload with delay' in found.text
    assert 'restage bench' in found.text
    assert document['machine']['processor'] in found.text


def test_missed_goals_come_first(trials: list[Trial], settings: dict[str, Any]) -> None:
    bandwidth = [{'percent_of_memcpy': 12.0}]
    text = Reader(make_page(build(trials, {}, None, bandwidth, settings), {})).text
    assert '6 of 8 goals met, 1 missed, 1 not measured.' in text
    assert text.index('Goal missed: write bandwidth') < text.index('Recovery times')


def test_texts_are_escaped(
    trials: list[Trial], settings: dict[str, Any], document: dict[str, Any]
) -> None:
    evil = '<script>alert("1")</script>&\'"'
    settings.update({'command': evil, evil: evil, 'frame_ms': 12.6})
    reasons = dict.fromkeys(not_applicable(list(ARMS), list(FAULTS)), evil)
    strange = build(trials, reasons, None, [{evil: evil, 'percent_of_memcpy': 80.0}], settings)
    strange['machine'] = {evil: evil}
    page = make_page(strange, {})
    assert '<script' not in page
    found = Reader(page)
    assert found.text.count(evil) >= 6
    assert [name for name, _ in found.tags].count('th') == [
        name for name, _ in Reader(make_page(strange | {'settings': settings}, {})).tags
    ].count('th')
    assert '&lt;b&gt;' in table('<b>', ['<b>'], [['<b>', '<b>']])


def test_nothing_at_all_makes_a_page() -> None:
    found = Reader(make_page(build([], {}, None, [], {}), {}))
    assert '0 of 8 goals met, 8 not measured.' in found.text
    assert found.all('img') == []
