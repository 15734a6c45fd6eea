# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""`restage plan` of an ONNX file: stages, checkpoints, and whether the bits are the same."""

from __future__ import annotations

import json
from pathlib import Path

import onnx
import pytest
import yaml

from restage.cli import main
from restage.detector.export import export
from restage.stages.loading import load_model

from ..onnx_backend.conftest import GRAPHS, SIZE

FASTESTDET = Path(__file__).resolve().parents[3] / 'shared' / 'data' / 'fastestdet_coco.onnx'
DECODERS = {'residual': 'fastestdet', 'transformer': 'detr'}
INPUT = {'size': [SIZE, SIZE]}


def write(name: str, folder: Path) -> Path:
    """Write one of the graphs with a description."""
    if name == 'bundled':
        return export(folder / 'roadnet.onnx')[0]
    if name == 'fastestdet':
        if not FASTESTDET.exists():
            pytest.skip(f'needs {FASTESTDET}')
        return FASTESTDET
    path = folder / 'graph.onnx'
    model = GRAPHS[name]()
    onnx.save(model, str(path))
    kind = DECODERS.get(name.split(',')[0])
    decoder: dict[str, object] = {'kind': kind}
    if kind is None:  # of the pyramid one level will do
        decoder = {'kind': 'fastestdet', 'outputs': [model.graph.output[0].name]}
    elif kind == 'detr':
        decoder['outputs'] = ['logits', 'boxes']
    data = {'schema': 1, 'input': INPUT, 'decoder': decoder}
    path.with_suffix('.yaml').write_text(yaml.safe_dump(data))
    return path


@pytest.mark.parametrize('name', ['bundled', 'fastestdet', *GRAPHS])
def test_any_onnx_file_is_planned(name, tmp_path):
    path, out = write(name, tmp_path), tmp_path / 'out'
    words = ['plan', str(path), '--frames', '4', '--overhead', '100', '--out', str(out)]
    assert main([*words, '--json', str(tmp_path / 'plan.json')]) in (0, 1)
    document = json.loads((tmp_path / 'plan.json').read_text())
    assert document['bit_identical'] is True
    stages = document['stages']
    assert all(stage['ms'] > 0 and stage['out_bytes'] >= 0 for stage in stages)
    names = [stage['name'] for stage in stages]
    assert len(names) >= 4
    assert set(document['checkpoints']) <= {'image', *names}
    (described,) = set(out.glob('*.yaml')) - {out / 'plan.yaml'}
    model = load_model(str(described))
    assert [stage.name for stage in model.stages] == names
    assert model.digest() == document['digest']
    assert (out / 'plan-cuts.png').read_bytes().startswith(b'\x89PNG')


def test_a_file_without_a_description_is_refused_with_what_is_needed(tmp_path, capsys):
    path = tmp_path / 'graph.onnx'
    onnx.save(GRAPHS['residual'](), str(path))
    assert main(['plan', str(path), '--out', str(tmp_path / 'out')]) == 2
    said = ' '.join(capsys.readouterr().out.split())
    assert 'accepted: a description in' in said
