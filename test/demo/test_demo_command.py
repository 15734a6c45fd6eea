# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""``restage demo`` says what it does not accept before it starts anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from restage.cli import main
from restage.demo.request import DemoRequest


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


@pytest.mark.parametrize(('scenario', 'frames'), [('standard', 720), ('kill', 1410)])
def test_the_stream_lasts_as_long_as_the_scenario(
    scenario: str, frames: int, tmp_path: Path
) -> None:
    request = DemoRequest.checked(
        source='synthetic',
        model='bundled',
        scenario=scenario,
        frames=None,
        seed=1,
        report=tmp_path,
    )
    assert (request.frames, request.options.max_frames) == (frames, frames)
