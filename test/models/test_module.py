# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A module that a user has in code becomes a staged model."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
import yaml
from torch import nn

from restage.detector.errors import ModelError
from restage.models.module import staged_module
from restage.plan.graph_cuts import bit_identical
from restage.stages.loading import load_model
from restage.stages.runner import StageRunner
from restage.torch_backend.program import export


class Small(nn.Module):
    """As a YOLOv8 puts it out: 1 x (4 + 2 classes) x N."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(2)
        self.body = nn.Sequential(
            *(
                nn.Sequential(nn.Conv2d(c, 8, 3, 2, 1), nn.BatchNorm2d(8), nn.ReLU(inplace=True))
                for c in (3, 8, 8)
            )
        )
        self.out = nn.Conv2d(8, 6, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.sigmoid(self.out(self.body(x))).flatten(2)


@pytest.fixture
def description(tmp_path) -> Path:
    data = {
        'schema': 1,
        'name': 'small',
        'input': {'size': [64, 48]},
        'stages': {'count': 3},
        'decoder': {'kind': 'yolov8', 'score': 0.1},
        'classes': ['car', 'truck'],
    }
    path = tmp_path / 'small.yaml'
    path.write_text(yaml.safe_dump(data))
    return path


@pytest.fixture
def image() -> torch.Tensor:
    draw = torch.Generator().manual_seed(1)
    return torch.randint(0, 255, (48, 64, 3), dtype=torch.uint8, generator=draw)


def test_it_runs_in_stages_that_make_the_bits_of_the_whole(description, image):
    model = staged_module(Small(), description)
    assert (model.name, model.class_names) == ('small', ('car', 'truck'))
    assert len(model.stages) > 3
    assert bit_identical(model, image) is True
    assert StageRunner(model).run_all(image)['detections'].shape[1] == 6


def test_its_weights_are_those_that_the_module_has(description, image):
    module = Small()
    model = staged_module(module, description)
    before = StageRunner(model).run_all(image)
    with torch.no_grad():
        module.out.bias.add_(0.5)
    after = StageRunner(model).run_all(image)
    (made,) = model.stages[-2].outputs
    assert not torch.equal(before[made], after[made])


def test_saved_as_a_program_it_is_the_same_model(description, image, tmp_path):
    """So it gets into the nodes, which run no code of the user."""
    module = Small()
    model = staged_module(module, description)
    program = export(module, torch.zeros(1, 3, 48, 64))
    torch.export.save(program, tmp_path / 'small.pt2')
    loaded = load_model(str(tmp_path / 'small.pt2'))
    assert loaded.digest() == model.digest()
    one, other = (StageRunner(each).run_all(image)['detections'] for each in (model, loaded))
    assert torch.equal(one, other)


def test_a_module_that_cannot_be_exported_is_refused(description):
    class Reads(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x if x.sum() > 0 else -x

    with pytest.raises(ModelError, match='Reads cannot be exported'):
        staged_module(Reads(), description)
    with pytest.raises(ValueError, match="device 'gpu'"):
        staged_module(Small(), description, 'gpu')
