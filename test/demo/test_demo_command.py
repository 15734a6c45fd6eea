# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""``restage demo`` says what it does not accept before it starts anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from restage.cli import main


@pytest.mark.parametrize(
    ('words', 'said'),
    [
        (['--source', '{folder}/no.mp4'], 'no.mp4'),
        (['--scenario', 'nonsense'], 'standard'),
        (['--model', '{folder}/no.safetensors'], 'does not exist'),
        (['--frames', '0'], 'at least 1'),
    ],
)
def test_bad_usage_is_one_message(
    words: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = [word.format(folder=tmp_path) for word in words]
    assert main(['demo', '--report', str(tmp_path / 'report'), *given]) == 2
    text = ' '.join(capsys.readouterr().out.split())
    assert text.startswith('restage demo: ')
    assert said in text
    assert not (tmp_path / 'report' / 'log').exists()
