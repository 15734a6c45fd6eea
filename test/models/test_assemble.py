# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""An ONNX file in stages: what the nodes load."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
import yaml

from restage.detector import load_bundled
from restage.detector.errors import ModelError
from restage.detector.weights import load_network
from restage.plan.graph_cuts import bit_identical, load_planned
from restage.scene import RoadScene
from restage.stages.loading import blank_state, load_model, warm_up
from restage.stages.runner import StageRunner
from restage.torch_backend.program import export as export_program
from restage.weights.golden import GoldenWeights
from restage.weights.guard import WeightGuard

DATA = Path(__file__).resolve().parents[3] / 'shared' / 'data'
FASTESTDET = DATA / 'fastestdet_coco.onnx'
needs_data = pytest.mark.skipif(not FASTESTDET.exists(), reason=f'needs {FASTESTDET}')


def road(number: int = 10) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(RoadScene(3).frame(number).image))


@pytest.fixture
def change(exported, tmp_path):
    """Write the description of the exported model with changes."""

    def write(**changes: object) -> str:
        data = yaml.safe_load(exported.with_suffix('.yaml').read_text())
        path = tmp_path / 'changed.yaml'
        path.write_text(yaml.safe_dump({**data, 'file': str(exported), **changes}))
        return str(path)

    return write


def test_the_exported_network_finds_what_the_network_finds(exported):
    ours = StageRunner(load_model(str(exported)))
    theirs = StageRunner(load_bundled())
    for number in (0, 40):
        one, other = (runner.run_all(road(number))['detections'] for runner in (ours, theirs))
        assert len(other) > 2
        assert torch.equal(one[:, 5], other[:, 5])
        assert torch.allclose(one, other, atol=1e-2)


@pytest.mark.parametrize('weights', ['live', 'packed'])
def test_stages_follow_each_other_from_the_image_to_the_detections(change, weights):
    model = load_model(change(weights=weights))
    names = [stage.name for stage in model.stages]
    assert names == ['preprocess', *(f'part.{n}' for n in range(6)), 'decode']
    assert set(model.boundaries) < set(names[1:-2])
    assert len(model.boundaries) == 2
    assert model.class_names == load_bundled().class_names
    assert bool(model.weights) == (weights == 'live')
    claimed = [name for stage in model.stages for name in stage.weights]
    assert sorted(claimed) == sorted(model.weights)


def test_live_stages_make_the_bits_of_the_whole(exported):
    model = load_model(str(exported))
    assert all(bit_identical(model, road(number)) for number in range(3))
    assert bit_identical(load_bundled(), road()) is True


def test_a_frame_taken_up_from_any_stage_has_the_same_bits(exported):
    model = load_model(str(exported))
    runner = StageRunner(model)
    state = {'image': road()}
    states = [dict(state)]
    for index in range(len(model.stages)):
        state.update(runner.run(index, state))
        states.append(dict(state))
    another = StageRunner(load_model(str(exported)))
    for boundary in range(-1, len(model.stages) - 1):
        kept = {name: states[boundary + 1][name].clone() for name in model.live_after(boundary)}
        for index in range(boundary + 1, len(model.stages)):
            kept.update(another.run(index, kept))
        assert torch.equal(kept['detections'], state['detections'])


def test_damaged_weights_are_seen_computed_with_and_brought_back(exported):
    model = load_model(str(exported))
    runner = StageRunner(model)
    warm_up(runner)
    guard = WeightGuard(model, GoldenWeights(model, None), 10**9, lambda: load_model(str(exported)))
    clean = runner.run_all(road())
    for stage in model.stages[1:-1]:
        name = next(one for one in stage.weights if model.weights[one].ndim == 4)
        model.weights[name].view(-1)[5] += 10.0
        fault = guard.check_all()
        assert fault is not None
        assert fault.names == (name,)
        assert model.stages[fault.stage].name == stage.name
        damaged = runner.run_all(road())
        assert any(not torch.equal(damaged[out], clean[out]) for out in stage.outputs)
        assert guard.reload() == (name,)
        again = runner.run_all(road())
        assert all(torch.equal(again[out], clean[out]) for out in stage.outputs)


def test_other_cuts_are_another_model(change):
    one, same, other = (load_model(change(stages={'count': count})) for count in (6, 6, 3))
    assert one.digest() == same.digest()
    assert one.digest() != other.digest()


def test_cuts_can_be_named_and_are_measured_where_they_are_not(exported, change, tmp_path):
    model, cut = load_planned(str(exported))
    assert cut is not None
    names = [one.name for one in cut.cuts]
    assert 1 <= len(names) <= 5
    cut.description.save(names, tmp_path / 'saved.yaml')
    again, same = load_planned(str(tmp_path / 'saved.yaml'))
    assert same is not None
    assert [one.name for one in same.cuts] == names
    assert again.digest() == model.digest() == load_model(str(tmp_path / 'saved.yaml')).digest()


@pytest.mark.parametrize(
    ('changes', 'message'),
    [
        ({'stages': {'cuts': ['nose']}}, "no cut behind 'nose'; accepted: "),
        ({'decoder': {'kind': 'yolov8'}}, 'gets the outputs h3, h4, h5; accepted: 1 of h3, h4, h5'),
        ({'decoder': {'kind': 'yolov8', 'outputs': ['h9']}}, 'gets the outputs h9'),
        ({'decoder': {'kind': 'yolov5', 'outputs': ['h3']}}, "decoder 'yolov5' of 'roadnet': the"),
        ({'decoder': {'kind': 'roadnet', 'options': {'a': 1}}}, "options: 'a' of 'roadnet'"),
        ({'input': {'size': [320, 200]}}, 'the ONNX model does not run'),
        ({'file': '/nowhere.onnx'}, "'/nowhere.onnx' does not exist"),
    ],
)
def test_what_does_not_fit_the_file_is_said(change, changes, message):
    with pytest.raises(ModelError) as caught:
        load_model(change(**changes))
    assert message in str(caught.value)


@needs_data
def test_a_real_detector_finds_the_cars_on_a_real_road():
    model = load_model(str(FASTESTDET))
    image = cv2.imread(str(DATA / 'highway_1.jpg'))
    found = StageRunner(model).run_all(torch.from_numpy(image))['detections']
    assert [model.class_names[int(label)] for label in found[:, 5]] == ['car', 'car']
    # The white one and the black one, by eye.
    assert found[:, :4].numpy() == pytest.approx(
        np.array([[1037, 404, 1279, 510], [827, 415, 937, 492]]), abs=12
    )
    assert bit_identical(model, torch.from_numpy(image))


@needs_data
def test_people_in_a_street_are_found_from_a_picture_of_any_shape():
    model = load_model(str(FASTESTDET))
    image = cv2.imread(str(DATA / 'street.jpg'))
    found = StageRunner(model).run_all(torch.from_numpy(image))
    assert {model.class_names[int(label)] for label in found['detections'][:, 5]} == {'person'}
    assert len(found['support']) == len(found['detections'])


def test_a_pytorch_program_is_a_model_as_well(change, tmp_path):
    network = load_network(None)
    program = export_program(network, torch.zeros(1, 3, 384, 640))
    path = tmp_path / 'roadnet.pt2'
    torch.export.save(program, path)
    model, bundled = load_model(change(file=str(path))), load_bundled()
    assert bit_identical(model, road())
    one, other = (StageRunner(m).run_all(road())['detections'] for m in (model, bundled))
    assert torch.equal(one[:, 5], other[:, 5])
    assert torch.allclose(one, other, atol=1e-2)
    guard = WeightGuard(model, GoldenWeights(model, None), 10**9, lambda: model)
    name = model.stages[2].weights[0]
    model.weights[name].data.mul_(1.01)
    fault = guard.check_all()
    assert fault is not None
    assert fault.names == (name,)


def test_a_grey_picture_is_no_trouble(exported):
    model = load_model(str(exported))
    runner = StageRunner(model)
    warm_up(runner)
    assert runner.run_all(blank_state(model)['image'])['detections'].shape[1] == 6
