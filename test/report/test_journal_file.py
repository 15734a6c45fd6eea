# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from restage.report.journal_file import as_written, begin_journal, read_journal

ABOUT = {'seed': 1, 'kinds': ('a', 'b')}


def read(path: Path) -> tuple[list[Any], list[Any]]:
    heads: list[Any] = []
    entries: list[Any] = []
    read_journal(path, heads.append, entries.append)
    return heads, entries


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    path = tmp_path / 'journal'
    begin_journal(path, ABOUT)
    with path.open('a') as file:
        file.write('{"n": 1}\n{"n": 2}\n')
    return path


def test_what_was_written_comes_back(journal: Path) -> None:
    assert read(journal) == ([as_written(ABOUT)], [{'n': 1}, {'n': 2}])
    assert as_written(ABOUT) == {'seed': 1, 'kinds': ['a', 'b']}


def test_a_line_that_was_cut_off_is_removed(journal: Path) -> None:
    whole = journal.read_bytes()
    journal.write_bytes(whole + b'{"n": 3')
    assert read(journal)[1] == [{'n': 1}, {'n': 2}]
    assert journal.read_bytes() == whole


def test_a_first_line_without_its_end_gets_it(tmp_path: Path) -> None:
    path = tmp_path / 'journal'
    path.write_text(json.dumps({'seed': 1}))
    assert read(path) == ([{'seed': 1}], [])
    assert path.read_text() == '{"seed": 1}\n'


def test_the_file_of_somebody_else_is_left_as_it_is(journal: Path) -> None:
    journal.write_bytes(journal.read_bytes() + b'{"n": 3')
    before = journal.read_bytes()

    def refuse(_found: Any) -> None:
        raise KeyError('seed')

    with pytest.raises(KeyError):
        read_journal(journal, refuse, refuse)
    journal.write_bytes(b'no journal\n' + before)
    with pytest.raises(ValueError, match='Expecting value'):
        read(journal)
    assert journal.read_bytes() == b'no journal\n' + before
