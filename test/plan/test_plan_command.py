# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""``restage plan`` from its words to its files."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from restage import detector
from restage.cli import main
from restage.plan.file import load_plan
from restage.stages.loading import load_model

WEIGHTS = Path(detector.__file__).parent / 'weights' / 'roadnet.safetensors'


def test_a_plan_for_the_bundled_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, document = tmp_path / 'new' / 'folder', tmp_path / 'plan.json'
    words = ['plan', 'bundled', '--frames', '3', '--overhead', '100', '--seed', '5']
    assert main([*words, '--out', str(out), '--json', str(document)]) == 0
    assert list(Path('/dev/shm').glob(f'restage-plan-{os.getpid()}-*')) == []
    model = load_model('bundled')
    stages = tuple(stage.name for stage in model.stages)
    plan = load_plan(out / 'plan.yaml', stages=stages, digest=model.digest())
    assert plan.same_weights
    assert plan.boundaries
    assert 'image' not in plan.boundaries
    assert len(plan.stage_ms) == len(stages)
    data = json.loads(document.read_text())
    assert data['plan']['boundaries'] == list(plan.boundaries)
    assert [one['stage_ms']['n'] for one in data['stages']] == [3] * len(stages)
    assert (out / 'plan.png').stat().st_size > 10_000
    printed = capsys.readouterr().out
    assert f'checkpoints at: {", ".join(plan.boundaries)}' in ' '.join(printed.split())


def test_a_cap_that_cannot_be_met_is_status_1_and_a_plan_without_boundaries(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = ['--yaml', str(tmp_path / 'p.yaml'), '--png', str(tmp_path / 'p.png')]
    unused = ['--out', str(tmp_path / 'unused')]
    assert main(['plan', '--frames', '1', '--overhead', '0', *files, *unused]) == 1
    model = load_model('bundled')
    stages = [stage.name for stage in model.stages]
    assert load_plan(tmp_path / 'p.yaml', stages=stages, digest='').boundaries == ()
    assert 'no checkpoint is within the overhead cap of 0 %' in capsys.readouterr().out
    assert sorted(path.name for path in tmp_path.iterdir()) == ['p.png', 'p.yaml']


def test_the_image_is_stored_where_that_is_asked_for(tmp_path: Path) -> None:
    words = ['plan', '--frames', '3', '--overhead', '100', '--store-image']
    assert main([*words, '--out', str(tmp_path)]) == 0
    stages = [stage.name for stage in load_model('bundled').stages]
    plan = load_plan(tmp_path / 'plan.yaml', stages=stages, digest='')
    assert plan.boundaries[0] == 'image'


def test_weights_of_the_same_network_are_a_model(tmp_path: Path) -> None:
    weights = load_file(WEIGHTS)
    changed = {
        name: tensor * 1.001 for name, tensor in weights.items() if tensor.is_floating_point()
    }
    save_file({**weights, **changed}, tmp_path / 'other.safetensors')
    words = ['plan', str(tmp_path / 'other.safetensors'), '--frames', '3', '--overhead', '100']
    assert main([*words, '--out', str(tmp_path)]) == 0
    bundled = load_model('bundled')
    stages = [stage.name for stage in bundled.stages]
    plan = load_plan(tmp_path / 'plan.yaml', stages=stages, digest=bundled.digest())
    assert not plan.same_weights


def test_weights_that_make_nan_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    weights = load_file(WEIGHTS)
    name = next(name for name in weights if weights[name].is_floating_point())
    weights[name] = torch.full_like(weights[name], float('nan'))
    save_file(weights, tmp_path / 'nan.safetensors')
    words = ['plan', str(tmp_path / 'nan.safetensors'), '--frames', '1', '--out', str(tmp_path)]
    assert main(words) == 2
    assert 'finite' in capsys.readouterr().out
    assert not (tmp_path / 'plan.yaml').exists()


@pytest.mark.parametrize(
    ('words', 'message'),
    [
        (['/no/such.safetensors'], 'such.safetensors'),
        (['--frames', '0'], '--frames is 0; accepted: at least 1'),
        (['--seed', '-1'], '--seed is -1; accepted: at least 0'),
        (['--overhead', '-1'], '--overhead is -1; accepted: 0 to 100 percent'),
        (['--overhead', 'nan'], '--overhead is nan'),
        (['--overhead', '101'], '--overhead is 101'),
        (['--json', '/no/such/plan.json'], "'/no/such/plan.json' cannot be written"),
        (['--yaml', '/dev'], "'/dev' cannot be written"),
        (['--out', '/dev/null/x'], 'Not a directory'),
    ],
)
def test_bad_usage_is_status_2_before_anything_is_measured(
    words: list[str],
    message: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(['plan', *words]) == 2
    printed = capsys.readouterr()
    assert message in ' '.join(printed.out.split())
    assert 'Stages' not in printed.out


def test_help_says_what_the_status_means(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(['plan', '--help'])
    assert caught.value.code == 0
    assert 'Exit status: 0 done; 1 no checkpoint' in ' '.join(capsys.readouterr().out.split())
