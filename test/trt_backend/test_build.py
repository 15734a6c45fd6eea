# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What TensorRT is asked for, version by version, and the engines that are kept."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest
import torch
import yaml

from restage.cutting.balance import by_arithmetic
from restage.detector.errors import ModelError
from restage.detector.export import export
from restage.models.description import load_description
from restage.onnx_backend.extract import cut
from restage.onnx_backend.graph import line_of
from restage.onnx_backend.network import OnnxNetwork
from restage.stages.loading import load_model
from restage.trt_backend.api import load_tensorrt
from restage.trt_backend.build import build
from restage.trt_backend.cache import EngineKey, engine_for
from restage.trt_backend.options import EngineOptions

from ..onnx_backend.conftest import GRAPHS, SIZE

MODEL = GRAPHS['residual']()


@pytest.mark.parametrize(('version', 'flags'), [('8.5.2', 1), ('10.3.0', 0), ('11.4.1', 0)])
def test_batches_are_explicit_where_that_must_be_said(make_tensorrt, version, flags):
    trt = make_tensorrt(version)
    assert build(trt, MODEL, EngineOptions(workspace_mb=64)) == b'engine'
    assert trt.asked['network'] == flags
    assert trt.asked['workspace'] == 64 * 1024 * 1024
    assert trt.asked['flags'] == []
    assert trt.asked['model'] == MODEL


@pytest.mark.parametrize('version', ['8.5.2', '10.3.0'])
def test_half_precision_is_a_flag(make_tensorrt, version):
    trt = make_tensorrt(version)
    build(trt, MODEL, EngineOptions(fp16=True))
    assert trt.asked['flags'] == ['FP16']
    assert trt.asked['model'] == MODEL


def test_half_precision_is_in_the_graph_where_the_flag_is_gone(make_tensorrt):
    trt = make_tensorrt('11.4.1')
    build(trt, MODEL, EngineOptions(fp16=True))
    graph = trt.asked['model'].graph
    assert {item.data_type for item in graph.initializer} == {10}
    ends = [item.type.tensor_type.elem_type for item in (*graph.input, *graph.output)]
    assert ends == [1, 1]  # what the stages hand over stays as it was


def test_a_dla_core_is_used_with_the_gpu_for_the_rest(make_tensorrt):
    trt = make_tensorrt('10.3.0', cores=2)
    build(trt, MODEL, EngineOptions(fp16=True, dla_core=1))
    assert (trt.asked['default_device_type'], trt.asked['DLA_core']) == ('DLA', 1)
    assert trt.asked['flags'] == ['FP16', 'GPU_FALLBACK']


@pytest.mark.parametrize(('cores', 'accepted'), [(0, 'none, this machine'), (2, '0 to 1')])
def test_a_core_that_is_not_there_is_refused(make_tensorrt, cores, accepted):
    with pytest.raises(ModelError, match=f'dla_core 2; accepted: {accepted}'):
        build(make_tensorrt('10.3.0', cores=cores), MODEL, EngineOptions(fp16=True, dla_core=2))


def test_a_core_has_no_single_precision():
    with pytest.raises(ModelError, match='dla_core without fp16; accepted: both'):
        EngineOptions(dla_core=0)


def test_what_tensorrt_does_not_take_is_said(make_tensorrt):
    with pytest.raises(ModelError, match='does not read the model: no such operator'):
        build(make_tensorrt('10.3.0', understands=False), MODEL, EngineOptions())
    with pytest.raises(ModelError, match='cannot build'):
        build(make_tensorrt('10.3.0', builds=False), MODEL, EngineOptions())


def test_without_tensorrt_there_is_one_clear_message(monkeypatch, make_tensorrt):
    monkeypatch.setitem(sys.modules, 'tensorrt', None)
    with pytest.raises(
        ModelError, match=r'cannot be imported .*; accepted: TensorRT 8\.5 or later'
    ):
        load_tensorrt()
    monkeypatch.setitem(sys.modules, 'tensorrt', make_tensorrt('8.4.1'))
    with pytest.raises(ModelError, match=r'TensorRT 8\.4\.1; accepted: TensorRT 8\.5'):
        load_tensorrt()
    monkeypatch.setitem(sys.modules, 'tensorrt', make_tensorrt('11.0.0'))
    assert load_tensorrt().__version__ == '11.0.0'


def test_pieces_for_an_engine_have_sizes():
    picture = torch.rand(1, 3, SIZE, SIZE)
    network = OnnxNetwork(line_of(GRAPHS['pyramid, dynamic']()), picture, live=False)
    positions = [one.position for one in by_arithmetic(network, 4)]
    for piece in cut(network.line, positions, network._values, fixed=True):
        for item in (*piece.model.graph.input, *piece.model.graph.output):
            sizes = [dim.dim_value for dim in item.type.tensor_type.shape.dim]
            assert sizes == list(network.sample[item.name].shape)


def key(folder: Path, **changes: object) -> EngineKey:
    fields = {'model': b'model', 'tensorrt': '10.3.0', 'gpu': 'Orin 8.7', **changes}
    options = fields.pop('options', EngineOptions(cache=folder))
    return EngineKey(options=options, **fields)  # type: ignore[arg-type]


def test_an_engine_is_built_once(tmp_path):
    folder, built = tmp_path / 'engines', []

    def make() -> bytes:
        built.append(1)
        return b'engine'

    assert [engine_for(key(folder), make) for _ in range(3)] == [b'engine'] * 3
    assert len(built) == 1
    assert len(list(folder.iterdir())) == 1
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_every_part_of_the_key_counts(tmp_path):
    names = {
        key(tmp_path).file_name,
        key(tmp_path, model=b'other').file_name,
        key(tmp_path, tensorrt='10.4.0').file_name,
        key(tmp_path, gpu='Xavier 7.2').file_name,
        key(tmp_path, options=EngineOptions(fp16=True)).file_name,
        key(tmp_path, options=EngineOptions(fp16=True, dla_core=0)).file_name,
    }
    assert len(names) == 6
    assert key(tmp_path).file_name == key(tmp_path / 'elsewhere').file_name


def test_a_folder_that_cannot_be_written_to_is_no_error(tmp_path):
    blocked = tmp_path / 'file'
    blocked.touch()
    assert engine_for(key(blocked), lambda: b'engine') == b'engine'


def test_the_description_says_how_engines_are_built(tmp_path):
    path = tmp_path / 'net.yaml'
    data = {
        'schema': 1,
        'file': 'net.onnx',
        'runtime': 'tensorrt',
        'tensorrt': {'fp16': True, 'dla_core': 1, 'cache': '/var/cache/engines'},
        'input': {'size': [64, 64]},
        'decoder': {'kind': 'yolov8'},
    }
    path.write_text(yaml.safe_dump(data))
    found = load_description(path)
    assert found.runtime == 'tensorrt'
    assert found.engine == EngineOptions(fp16=True, dla_core=1, cache=Path('/var/cache/engines'))
    data['tensorrt'] = {'dla_core': 0}
    path.write_text(yaml.safe_dump(data))
    with pytest.raises(ModelError, match=r"net\.yaml': dla_core without fp16"):
        load_description(path)


def test_a_model_for_tensorrt_is_refused_where_there_is_none(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, 'tensorrt', None)
    _, described = export(tmp_path / 'roadnet.onnx')
    data = yaml.safe_load(described.read_text())
    described.write_text(yaml.safe_dump({**data, 'runtime': 'tensorrt'}))
    with pytest.raises(ModelError, match='TensorRT cannot be imported'):
        load_model(str(described))
