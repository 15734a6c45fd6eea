# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""``restage compare`` and ``restage scale`` over running systems, as small as they get."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from restage.made.network import Shape
from restage.made.write import write

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]


def run(words: list[str], folder: Path) -> dict[str, Any]:
    target = folder / 'out.json'
    files = ['--report', str(folder), '--json', str(target)]
    done = subprocess.run(
        [sys.executable, '-m', 'restage.cli', *words, *files],
        capture_output=True,
        text=True,
        timeout=580,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    document: dict[str, Any] = json.loads(target.read_text())
    assert document['schema'] == 1
    return document


def assert_costs(model: dict[str, Any]) -> None:
    assert model['checkpoint']['bytes'] > 0
    assert model['checkpoint']['commit_ms']['p50'] > 0
    assert model['checkpoint']['restore_ms']['p50'] > 0
    assert model['stages'][0]['name'] == 'preprocess'
    assert model['weights']['check_ms']['p50'] > 0


def assert_recoveries(model: dict[str, Any]) -> None:
    # A busy machine may be late as well, and that is an error like any other.
    tiers = {'soft': 'retry_stage', 'kill': 'failover', 'reset': 'restart'}
    for name, wanted in tiers.items():
        cell = model['recoveries'][name]
        assert cell['n'] == 1
        assert cell['wrong_frames'] == 0
        (trial,) = cell['trials']
        assert wanted in trial['tiers']
        assert trial['total_ms'] is None or trial['total_ms'] > 0


def test_a_model_of_a_user(tmp_path: Path) -> None:
    shape = Shape(blocks=(1, 1, 1, 1), width=8, pyramid=8, depth=1)
    described = write(shape, 96, tmp_path / 'mine.pt2')
    document = run(['compare', '--quick', str(described)], tmp_path)
    (model,) = document['models']
    assert model['title'] == 'mine'
    assert_costs(model)
    assert_recoveries(model)
    assert model['overhead']['pairs'] == 5
    assert (tmp_path / 'compare.html').stat().st_size > 3000


def test_a_small_network_that_sees_more_without_nodes(tmp_path: Path) -> None:
    words = ['--widths', '4', '--width', '4', '--input', '64', '--inputs', '64,128']
    words += ['--trials', '0', '--resets', '0', '--frames', '3']
    document = run(['scale', *words], tmp_path)
    assert len(document['models']) == 2
    assert document['series']['weights']['growth']['checkpoint_bytes'] is None
    assert not (tmp_path / 'log').exists()
    for model in document['models']:
        assert_costs(model)
        assert [cell['n'] for cell in model['recoveries'].values()] == [0, 0, 0]
    growth = document['series']['input']['growth']
    assert growth['checkpoint_bytes']['exponent'] == pytest.approx(1.0, abs=0.05)
    for name in ('scale.html', 'scale.png'):
        assert (tmp_path / name).stat().st_size > 3000
