# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A campaign on an ONNX file, run by ONNX Runtime."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import cv2
import numpy as np
import onnx
import pytest
import torch
import yaml
from rich.console import Console

from restage.cli import main
from restage.faults.scenario_file import load_scenario
from restage.onnx_backend import gradients
from restage.sampling import speed
from restage.sampling.context import known_before
from restage.sampling.engine import Engine
from restage.sampling.errors import SamplingError, SensitivityError
from restage.sampling.pictures import pictures_of
from restage.sampling.scenario_file import write_scenario
from restage.sampling.sensitivity import importance
from restage.sampling.settings import SampleSettings
from restage.sampling.storage import Storage
from restage.sampling.subject import Subject
from restage.sampling.subjects import load_subject
from restage.stages.loading import load_model

from ..onnx_backend.conftest import FIXED, SIZE, residual
from .injected import in_a_campaign, in_a_node

DATA = Path(__file__).resolve().parents[3] / 'shared' / 'data'
FASTESTDET = DATA / 'fastestdet_coco.onnx'
NO_CONVERTER = importlib.util.find_spec(gradients.CONVERTER) is None
needs_converter = pytest.mark.skipif(
    NO_CONVERTER, reason=f'needs {gradients.CONVERTER} (requirements/campaign.txt)'
)


@pytest.fixture(scope='module')
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small network as a file with its description, and three pictures of noise."""
    found = tmp_path_factory.mktemp('onnx')
    onnx.save(residual(FIXED), str(found / 'small.onnx'))
    description = {
        'schema': 1,
        'input': {'size': [SIZE, SIZE]},
        'stages': {'count': 4},
        'decoder': {'kind': 'fastestdet'},
        'classes': ['thing'],
    }
    (found / 'small.yaml').write_text(yaml.safe_dump(description))
    (found / 'pictures').mkdir()
    rng = np.random.default_rng(2)
    for number in range(3):
        image = rng.integers(0, 256, (SIZE, SIZE, 3), dtype=np.uint8)
        cv2.imwrite(str(found / 'pictures' / f'{number}.png'), image)
    return found


def subject(folder: Path) -> Subject:
    return load_subject(str(folder / 'small.onnx'), 3, [str(folder / 'pictures')])


def some(engine: Engine, count: int) -> list[int]:
    """Numbers of faults in high bits."""
    rng = np.random.default_rng(4)
    bits = engine.space.positions
    elements = rng.integers(0, engine.space.elements, count)
    found: list[int] = (elements * bits + bits - 1 - rng.integers(0, 4, count)).tolist()
    return found


@pytest.mark.parametrize('target', ['weights', 'neurons'])
@pytest.mark.parametrize('name', ['fp32', 'int8'])
def test_each_fault_has_the_outcome_of_the_naive_run(folder: Path, target: str, name: str) -> None:
    engine = Engine(subject(folder), target, storage=Storage(name))
    faults = [engine.space.fault(number) for number in some(engine, 16)]
    found = [engine.run(fault) for fault in faults]
    assert found == [engine.run_naively(fault) for fault in faults]
    assert any(one != engine.clean for one in found)
    assert engine.run(faults[0]) == found[0]  # nothing of the others is left


def test_layers_are_the_nodes_that_read_the_weights(folder: Path) -> None:
    space = Engine(subject(folder)).space
    assert [site.tensor for site in space.sites if site.layer == 'conv0'] == ['w0', 'w1']
    assert len(space.layers) == 10


@pytest.mark.parametrize('target', ['weights', 'neurons'])
def test_an_exported_fault_is_the_one_of_the_campaign(
    folder: Path, tmp_path: Path, target: str
) -> None:
    """The injector of a detection node makes of it, on the same frame, the same detections."""
    ours = subject(folder)
    engine = Engine(ours, target)
    number = next(
        one for one in some(engine, 60) if engine.run(engine.space.fault(one))['damage'] > 0.25
    )
    path = tmp_path / 'critical.yaml'
    write_scenario(path, ours, engine.space, [number], 'critical')
    [(_, fault)] = load_scenario(path).schedule()

    live = in_a_node(load_model(str(folder / 'small.onnx')), fault, ours.inputs[0])
    one, other = live['detections'], in_a_campaign(engine, number)['detections']
    assert torch.equal(torch.nan_to_num(one), torch.nan_to_num(other))


def test_weights_that_are_packed_cannot_be_hit(folder: Path, tmp_path: Path) -> None:
    data = yaml.safe_load((folder / 'small.yaml').read_text())
    path = tmp_path / 'packed.yaml'
    path.write_text(
        yaml.safe_dump({**data, 'weights': 'packed', 'file': str(folder / 'small.onnx')})
    )
    packed = load_subject(str(path), 3, [str(folder / 'pictures')])
    with pytest.raises(SamplingError, match="accepted: a model with 'weights: live'"):
        Engine(packed)


@needs_converter
def test_importance_is_the_gradient_over_all_pictures(folder: Path) -> None:
    """Of one weight, against what ONNX Runtime makes when it is moved a little."""
    ours = subject(folder)
    engine = Engine(ours)
    found = importance(ours, engine.space)
    site = next(n for n, one in enumerate(engine.space.sites) if one.tensor == 'w19')
    (own,) = np.flatnonzero((engine.space.site == site) & (engine.space.index == 2))
    name = engine.space.sites[site].tensor
    last = ours.stages[-2]

    def total(moved: float) -> float:
        ours.weights[name][2] += moved
        made = [last.run(states[-3])[last.outputs[0]].double().sum() for states in engine.states]
        ours.weights[name][2] -= moved
        return float(sum(made))

    slope = (total(0.01) - total(-0.01)) / 0.02
    assert slope > 1.0
    assert found[own] == pytest.approx(slope, rel=0.02)


def test_a_campaign_runs_on_an_onnx_file(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speed, 'FAULTS', 20)
    words = ['sample', '--model', str(folder / 'small.onnx'), '--images', '3']
    words += ['--source', str(folder / 'pictures'), '--elements', '0', '--truth', '60']
    words += ['--budget', '20', '--runs', '1', '--workers', '1']
    words += ['--samplers', 'uniform,isimdl-important-gradient,top-bit']
    assert main([*words, '--report', str(tmp_path)]) in (0, 1)
    document = json.loads((tmp_path / 'sample.json').read_text())
    assert ('isimdl-important-gradient' in document['samplers']) != NO_CONVERTER
    assert document['settings']['sources'] == [str(folder / 'pictures')]
    assert document['speed']['model']['same_outcome'] == 20
    assert document['samplers']['top-bit']['precision_at_100'] > 0.0
    assert 'map_loss' in document['ground_truth']['mean_figures']
    assert load_scenario(tmp_path / 'sample-critical.yaml').schedule()


def test_without_gradients_samplers_by_importance_are_left_out(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(gradients, 'CONVERTER', 'no_such_converter')
    engine = Engine(subject(folder))
    settings = SampleSettings(samplers=('uniform', 'isimdl-important-gradient', 'restage'))
    context, left = known_before(settings, engine, engine.space, Console(width=200))
    assert left.samplers == ('uniform', 'restage')
    assert not context.importance.any()
    said = capsys.readouterr().out
    assert 'left out: isimdl-important-gradient (' in said
    assert 'need the package no_such_converter' in said
    settings = SampleSettings(samplers=('layer-importance',))
    with pytest.raises(SensitivityError, match='need the package no_such_converter'):
        known_before(settings, engine, engine.space, Console())


@pytest.mark.skipif(not FASTESTDET.exists(), reason=f'needs {FASTESTDET}')
def test_fastestdet_is_sampled_on_the_street() -> None:
    pictures = pictures_of([str(DATA)], 2)
    ours = load_subject(str(FASTESTDET), 2, [str(DATA)])
    assert len(pictures) == ours.pictures == 2
    engine = Engine(ours)
    assert len(engine.space.layers) == 71  # 70 convolutions, and the scales of a Resize
    faults = [engine.space.fault(number) for number in some(engine, 8)]
    found = [engine.run(fault) for fault in faults]
    assert found == [engine.run_naively(fault) for fault in faults]
    assert any(one['damage'] > 0.25 for one in found)
    if not NO_CONVERTER:
        known = importance(ours, engine.space)
        assert np.isfinite(known).all()
        assert (known > 0).mean() > 0.5
