# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The steps of torchvision's detectors make the very bits that the detectors make."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
import yaml
from safetensors.torch import save_file

from restage.checkpoint.nodefile import NodeFile, Plan, Slot, create_node_file
from restage.checkpoint.reader import CheckpointReader
from restage.checkpoint.writer import CheckpointWriter
from restage.cutting.balance import by_arithmetic
from restage.cutting.verify import differing, same_bits
from restage.detector.errors import ModelError
from restage.plan.graph_cuts import bit_identical
from restage.stages.loading import load_model
from restage.stages.runner import StageRunner
from restage.torchvision_backend.api import build
from restage.torchvision_backend.network import TorchvisionNetwork
from restage.weights.golden import GoldenWeights
from restage.weights.guard import WeightGuard

CLASSES = 7
# Small pictures: a network of random weights looks for objects in each as in a large one.
SMALL = {'min_size': 128, 'max_size': 160}
MODELS = {
    'ssdlite320_mobilenet_v3_large': {},
    'fasterrcnn_resnet50_fpn': SMALL,
    'retinanet_resnet50_fpn': {**SMALL, 'score_thresh': 0.01},
    'fasterrcnn_mobilenet_v3_large_320_fpn': {},
    'ssd300_vgg16': {},
}


@pytest.fixture(scope='module', params=MODELS)
def model(torchvision, request):
    torch.manual_seed(3)
    made = torchvision.models.get_model(
        request.param,
        weights=None,
        weights_backbone=None,
        num_classes=CLASSES,
        **MODELS[request.param],
    ).eval()
    for name, tensor in made.state_dict().items():
        # As after training: what normalises is not the identity.
        if name.endswith('running_mean'):
            tensor.uniform_(-0.1, 0.1)
    return made


@pytest.fixture(scope='module')
def pictures() -> list[torch.Tensor]:
    draw = torch.Generator().manual_seed(5)
    return [torch.rand(1, 3, 120, 150, generator=draw) for _ in range(2)]


@pytest.fixture(scope='module')
def network(model, pictures) -> TorchvisionNetwork:
    return TorchvisionNetwork(model, pictures[0])


def test_all_steps_make_the_bits_of_the_model(model, network, pictures):
    for picture in pictures:
        with torch.inference_mode():
            (expected,) = model([picture[0]])
        state = {network.picture: picture}
        for part in network.parts(network.cuts):
            state.update(zip(part.outputs, part.run(state), strict=True))
        assert len(expected['boxes']) > 0
        for name in network.outputs:
            assert same_bits(state[name], expected[name]), name


@pytest.mark.parametrize('stages', [3, 6])
def test_stages_of_about_one_size_make_the_bits_of_the_whole(network, pictures, stages):
    cuts = by_arithmetic(network, stages)
    # The backbone of that with VGG is one step, longer than all others together.
    assert len(network.steps) == 4 or 1 < len(cuts) < stages
    assert differing(network, cuts, pictures[1]) == []


def test_no_step_changes_what_another_has_made(network, pictures):
    state = {network.picture: pictures[0]}
    for part in network.parts(network.cuts):
        before = {name: state[name].clone() for name in part.inputs}
        state.update(zip(part.outputs, part.run(state), strict=True))
        for name, tensor in before.items():
            assert same_bits(state[name], tensor), (part.outputs, name)


def test_every_weight_belongs_to_a_part(model, network):
    parts = network.parts(by_arithmetic(network, 4))
    claimed = {name for part in parts for name in part.weights}
    assert claimed == set(network.weights)
    floats = {name for name, value in model.state_dict().items() if value.is_floating_point()}
    assert claimed == floats


def test_a_checkpoint_of_any_cut_brings_back_the_bits(network, pictures, tmp_path):
    cuts = by_arithmetic(network, 4)
    parts = network.parts(cuts)
    state = {network.picture: pictures[0]}
    for part in parts:
        state.update(zip(part.outputs, part.run(state), strict=True))
    create_node_file(tmp_path / 'a', 256 * 2**20)
    file = NodeFile(tmp_path / 'a')
    for number, cut in enumerate(cuts):
        slots = tuple(Slot(name, max(state[name].nbytes, 64)) for name in cut.tensors)
        writer = CheckpointWriter(file, Plan(slots, ('one', 'two')))
        writer.begin_frame(1)
        writer.commit(0, {name: state[name] for name in cut.tensors})
        again = CheckpointReader(file).restore(1, lambda _, cut=cut: cut.tensors, at_most=0).tensors
        for part in parts[number + 1 :]:
            again.update(zip(part.outputs, part.run(again), strict=True))
        for name in network.outputs:
            assert same_bits(again[name], state[name]), (cut.name, name)


# Through a description

SSDLITE = 'ssdlite320_mobilenet_v3_large'


@pytest.fixture
def described(torchvision, tmp_path) -> Path:
    torch.manual_seed(3)
    made = torchvision.models.get_model(
        SSDLITE, weights=None, weights_backbone=None, num_classes=CLASSES
    )
    save_file(made.state_dict(), tmp_path / 'ssdlite.safetensors')
    data = {
        'schema': 1,
        'file': 'ssdlite.safetensors',
        'runtime': 'torchvision',
        'torchvision': {'model': SSDLITE, 'classes': CLASSES},
        'input': {'size': [160, 120]},
        'decoder': {'kind': 'boxes', 'score': 0.05, 'options': {'first_class': 1}},
        'classes': [f'thing {number}' for number in range(CLASSES - 1)],
    }
    path = tmp_path / 'ssdlite.yaml'
    path.write_text(yaml.safe_dump(data))
    return path


def test_a_description_makes_a_staged_model_with_weights_that_are_watched(described):
    model = load_model(str(described))
    names = [stage.name for stage in model.stages]
    assert (names[0], names[-1]) == ('preprocess', 'decode')
    assert len(names) > 4
    draw = torch.Generator().manual_seed(5)
    image = torch.randint(0, 255, (120, 160, 3), dtype=torch.uint8, generator=draw)
    assert bit_identical(model, image) is True
    guard = WeightGuard(model, GoldenWeights(model, None), 10**12, lambda: model)
    clean = StageRunner(model).run_all(image)['detections'].clone()
    assert clean.shape[1] == 6
    assert guard.check_all() is None
    name = 'head.classification_head.module_list.0.1.weight'
    with torch.no_grad():
        model.weights[name].view(-1)[0] += 100.0
    assert guard.check_all().names == (name,)
    guard.reload()
    assert torch.equal(StageRunner(model).run_all(image)['detections'], clean)


@pytest.mark.parametrize(
    ('changes', 'said'),
    [
        ({'torchvision': {'model': 'yolo'}}, "torchvision.model: 'yolo'; accepted: .*ssdlite320"),
        ({'torchvision': {'model': SSDLITE, 'classes': 3}}, 'does not fit .* with 3 classes'),
        ({'torchvision': {'model': 'fcos_resnet50_fpn'}}, 'does not fit'),
        ({'file': 'no.safetensors'}, 'does not exist; accepted: weights of ssdlite320'),
    ],
)
def test_what_does_not_fit_is_said(described, changes, said):
    data = {**yaml.safe_load(described.read_text()), **changes}
    described.write_text(yaml.safe_dump(data))
    with pytest.raises(ModelError, match=said):
        load_model(str(described))


def test_a_detector_of_another_kind_is_refused(torchvision, tmp_path, pictures):
    made = torchvision.models.get_model('fcos_resnet50_fpn', weights=None, weights_backbone=None)
    save_file(made.state_dict(), tmp_path / 'fcos.safetensors')
    loaded = build(torchvision, 'fcos_resnet50_fpn', 91, tmp_path / 'fcos.safetensors')
    with pytest.raises(ModelError, match='is a FCOS; accepted: SSD, RetinaNet, FasterRCNN'):
        TorchvisionNetwork(loaded, pictures[0])
