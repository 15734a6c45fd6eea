# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import pytest

from restage.recovery import stolen


def test_the_eighth_number_counts_in_ticks_of_the_kernel(tmp_path: Path, monkeypatch) -> None:
    stat = tmp_path / 'stat'
    stat.write_text('cpu  1 2 3 4 5 6 7 800 9 10\ncpu0 1 2 3 4 5 6 7 1 9 10\n')
    monkeypatch.setattr(stolen, '_STAT', stat)
    assert stolen.stolen_ns() == 800 * stolen._TICK_NS


@pytest.mark.parametrize('content', [None, '', 'cpu 1 2 3\n', 'cpu  1 2 3 4 5 6 7 x 9\n'])
def test_where_it_is_not_told_nothing_is_stolen(tmp_path: Path, monkeypatch, content) -> None:
    stat = tmp_path / 'stat'
    if content is not None:
        stat.write_text(content)
    monkeypatch.setattr(stolen, '_STAT', stat)
    assert stolen.stolen_ns() == 0


def test_it_never_goes_back() -> None:
    found = [stolen.stolen_ns() for _ in range(100)]
    assert found == sorted(found)
