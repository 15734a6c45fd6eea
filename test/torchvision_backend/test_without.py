# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Where torchvision is missing, or is none for this PyTorch."""

from __future__ import annotations

import importlib
import sys

import pytest
import yaml

from restage.detector.errors import ModelError
from restage.models.description import load_description
from restage.stages.loading import load_model

DATA = {
    'schema': 1,
    'file': 'w.safetensors',
    'runtime': 'torchvision',
    'torchvision': {'model': 'retinanet_resnet50_fpn'},
    'input': {'size': [64, 64]},
    'decoder': {'kind': 'boxes'},
}


@pytest.mark.parametrize('missing', [True, False])
def test_there_is_one_clear_message(tmp_path, monkeypatch, missing):
    monkeypatch.setitem(sys.modules, 'torchvision', None)
    if not missing:

        def fail(name: str) -> None:
            raise RuntimeError('operator torchvision::nms does not exist\nand more')

        monkeypatch.setattr(importlib, 'import_module', fail)
    path = tmp_path / 'w.yaml'
    path.write_text(yaml.safe_dump(DATA))
    why = 'None in sys.modules' if missing else r'nms does not exist\); accepted'
    with pytest.raises(ModelError, match=f'torchvision cannot be imported .*{why}'):
        load_model(str(path))


def test_the_description_says_which_detector(tmp_path):
    path = tmp_path / 'w.yaml'
    path.write_text(yaml.safe_dump(DATA))
    assert load_description(path).architecture == ('retinanet_resnet50_fpn', 91)
    path.write_text(yaml.safe_dump({k: v for k, v in DATA.items() if k != 'torchvision'}))
    with pytest.raises(ModelError, match=r"'torchvision' is a required property"):
        load_description(path)
