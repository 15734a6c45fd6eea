# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""From measured models to the tables and the page; bad usage."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from restage.cli import main
from restage.compare.page import page
from restage.compare.run import build
from restage.compare.table import show

Make = Callable[..., dict[str, Any]]


def shown(document: dict[str, Any]) -> str:
    console = Console(file=io.StringIO(), width=140)
    show(document, console)
    return str(console.file.getvalue())  # type: ignore[attr-defined]


def test_models_side_by_side(sized_model: Make) -> None:
    document = build([sized_model(16, 320), sized_model(64, 320, lowered=True)], {'seed': 1})
    text = shown(document)
    assert '2.5 Hz, lowered' in text
    assert 'slowed down for width 64, input 320' in ' '.join(text.split())
    assert '5.00 (4.00 to 6.00)' in text
    assert 'no calibration' in text
    html = page(document)
    for word in ('2.5 Hz, lowered', 'width 16, input 320', 'slowed down', '3000 / 6000 (2)'):
        assert word in html


def test_at_full_rate_nothing_is_said_of_rates(sized_model: Make) -> None:
    assert 'slowed down' not in shown(build([sized_model(16, 320)], {}))


def test_wrong_bits_and_what_is_missing_are_said(sized_model: Make) -> None:
    model = sized_model(16, 320, overhead=None)
    model['recoveries']['kill']['wrong_frames'] = 3
    model['recoveries']['soft'].update(n=0, p50_ms=None)
    text = shown(build([model], {}))
    assert 'NO: 3 frames differ' in text
    assert 'not run' in text


@pytest.mark.parametrize(
    ('words', 'said'),
    [
        (['compare', 'nothing.onnx'], "'nothing.onnx' does not exist"),
        (['compare', 'resnet50_fpn', '--input', '100'], 'accepted: a multiple of 32'),
        (['compare', '--trials', '-1'], '--trials'),
        (['compare', '--source', 'nothing.mp4'], 'nothing.mp4'),
        (['scale', '--widths', '1'], 'accepted: 4 to 512'),
        (['scale', '--inputs', '100'], 'accepted: a multiple of 32'),
        (['scale', '--frames', '0'], '--frames'),
    ],
)
def test_bad_usage(
    words: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*words, '--report', str(tmp_path)]) == 2
    assert said in ' '.join(capsys.readouterr().out.split())
    assert list(tmp_path.iterdir()) == []


def test_words_that_are_no_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(['scale', '--widths', 'wide'])
    assert stopped.value.code == 2
    assert 'numbers with commas' in capsys.readouterr().err
