# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
import pytest
import torch

from restage.detector import load_bundled
from restage.scene import CLASSES, RoadScene

NAMES = [
    'preprocess',
    'backbone.0',
    'backbone.1',
    'backbone.2',
    'backbone.3',
    'neck',
    'head',
    'decode',
]


@pytest.fixture(scope='module')
def model():
    return load_bundled()


@pytest.fixture(scope='module')
def image():
    return torch.from_numpy(RoadScene(1_500_000, weather='day').frame(40).image)


def states(model, image):
    state, history = {'image': image}, []
    for stage in model.stages:
        history.append(dict(state))
        state.update(stage.run(state))
    return state, history


def test_contract(model):
    assert [stage.name for stage in model.stages] == NAMES
    assert model.class_names == CLASSES
    assert model.input_size == (640, 384)
    assert model.weights


def test_outputs_are_those_declared(model, image):
    state = {'image': image}
    for stage in model.stages:
        made = stage.run(state)
        assert tuple(made) == stage.outputs
        state.update(made)
    assert state['x'].shape == (1, 3, 384, 640)
    found = state['detections']
    assert found.dtype == torch.float32
    assert found.shape[1] == 6
    assert len(found) > 0
    assert found[:, 4].tolist() == sorted(found[:, 4].tolist(), reverse=True)


def test_stages_are_pure(model, image):
    _, history = states(model, image)
    for stage, before in zip(model.stages, history, strict=True):
        copies = {name: before[name].clone() for name in stage.inputs}
        first, second = stage.run(before), stage.run(copies)
        for name in stage.inputs:
            assert torch.equal(before[name], copies[name])
        assert all(torch.equal(first[name], second[name]) for name in first)


def test_resuming_from_a_copy_in_plain_memory_order_is_bit_identical(model, image):
    final, history = states(model, image)
    for start in range(1, len(model.stages)):
        state = {
            name: torch.frombuffer(
                bytearray(value.contiguous().numpy().tobytes()), dtype=value.dtype
            ).reshape(value.shape)
            for name, value in history[start].items()
        }
        for stage in model.stages[start:]:
            state.update(stage.run(state))
        assert torch.equal(state['detections'], final['detections'])


@pytest.mark.parametrize('size', [(480, 640), (720, 1280), (120, 90)])
def test_any_picture_size(model, size):
    image = torch.randint(0, 256, (*size, 3), dtype=torch.uint8)
    final, _ = states(model, image)
    boxes = final['detections'][:, :4]
    assert (boxes >= 0).all()
    assert (boxes <= torch.tensor([size[1], size[0], size[1], size[0]])).all()


def test_weights_are_live(image):
    model = load_bundled()
    before, _ = states(model, image)
    model.weights['head.out.bias'][:5] = -50.0
    after, _ = states(model, image)
    assert len(before['detections']) > 0
    assert len(after['detections']) == 0
