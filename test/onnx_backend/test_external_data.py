# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A model file names other files for its weights: none of them may lie outside its folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from restage.detector.errors import ModelError
from restage.onnx_backend.graph import load_line


def model_with(path: Path, location: str) -> None:
    weight = numpy_helper.from_array(np.zeros(4, np.float32), 'w')
    weight.ClearField('raw_data')
    weight.data_location = TensorProto.EXTERNAL
    for key, value in (('location', location), ('offset', '0'), ('length', '16')):
        weight.external_data.add(key=key, value=value)
    ends = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [4]) for n in ('x', 'y')]
    node = helper.make_node('Add', ['x', 'w'], ['y'])
    graph = helper.make_graph([node], 'g', ends[:1], ends[1:], [weight])
    path.write_bytes(helper.make_model(graph).SerializeToString())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / 'secret').write_bytes(bytes(16))
    (tmp_path / 'model').mkdir()
    return tmp_path / 'model'


def test_weights_beside_the_model_are_read(folder: Path) -> None:
    (folder / 'weights').write_bytes(bytes(16))
    model_with(folder / 'm.onnx', 'weights')
    assert len(load_line(folder / 'm.onnx').nodes) == 1


@pytest.mark.parametrize('way', ['../secret', 'absolute', 'link'])
def test_weights_elsewhere_are_refused(folder: Path, way: str) -> None:
    secret = folder.parent / 'secret'
    (folder / 'link').symlink_to(secret)
    model_with(folder / 'm.onnx', str(secret) if way == 'absolute' else way)
    with pytest.raises(ModelError, match=r'm\.onnx. is no valid ONNX model'):
        load_line(folder / 'm.onnx')
