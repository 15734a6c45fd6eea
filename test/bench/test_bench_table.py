# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The tables in the terminal."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

from rich.console import Console

from restage.bench.document import build
from restage.bench.overhead import Overhead
from restage.bench.table import show
from restage.bench.trial import Trial


def text_of(document: dict[str, Any]) -> str:
    console = Console(width=100, record=True, file=io.StringIO())
    show(document, console)
    return console.export_text()


def test_every_figure_is_readable_at_100_columns(document: dict[str, Any]) -> None:
    text = text_of(document)
    assert '…' not in text
    cell = document['arms']['standby_failover']['sigkill']
    row = next(
        line
        for line in text.split('standby_failover (ms')[1].splitlines()
        if line.startswith('sigkill')
    )
    for key in ('p50_ms', 'p99_ms', 'max_ms', 'detect_p50_ms'):
        assert f'{cell[key]:.1f}' in row
    assert 'n/a' in text
    assert '10 recovered' in text
    assert 'process_reset /' in text
    assert 'all of it' in text
    assert 'Goal missed' not in text and 'MISSED' not in text


def test_what_went_wrong_is_said_plainly(
    trials: list[Trial], overhead: Overhead, settings: dict[str, Any]
) -> None:
    bad = [
        replace(one, wrong=1, first_good_ns=0, outcome='failed') if one.fault == 'nan' else one
        for one in trials
    ]
    text = text_of(build(bad, {}, replace(overhead, percent=2.5), [], settings))
    assert 'NO, 10' in text
    assert 'never' in text
    assert '10 failed' in text
    assert text.count('MISSED') == 3
    assert 'Goal missed: fault-free overhead, of the compute of a frame: 2.5 %, wanted <= 1 %.' in (
        text.replace('\n', ' ')
    )
    assert 'not measured' in text


def test_nothing_at_all_can_be_shown() -> None:
    assert 'not measured' in text_of(build([], {}, None, [], {}))
