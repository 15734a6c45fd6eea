# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Which execution providers are asked for, and what is said of those that are not there."""

from __future__ import annotations

import onnxruntime
import pytest
import torch
import yaml

from restage.cutting.balance import by_arithmetic
from restage.cutting.verify import differing
from restage.detector.errors import ModelError
from restage.detector.export import export
from restage.models.description import load_description
from restage.onnx_backend import session as session_module
from restage.onnx_backend.graph import line_of
from restage.onnx_backend.network import OnnxNetwork
from restage.onnx_backend.providers import ON_CPU, providers_for
from restage.stages.loading import load_model
from restage.trt_backend.options import EngineOptions

from .conftest import GRAPHS

CPU, GPU = torch.device('cpu'), torch.device('cuda:1')
CUDA, TENSORRT = 'CUDAExecutionProvider', 'TensorrtExecutionProvider'
NONE = EngineOptions()


@pytest.fixture
def gpu_build(monkeypatch):
    """A build of ONNX Runtime with the providers of a GPU."""
    there = [TENSORRT, CUDA, 'CPUExecutionProvider']
    monkeypatch.setattr(onnxruntime, 'get_available_providers', lambda: there)


def test_without_a_wish_the_device_decides(gpu_build):
    assert providers_for((), CPU, NONE) == ON_CPU
    (cuda, options), last = providers_for((), GPU, NONE)
    assert (cuda, options['device_id'], last) == (CUDA, 1, ON_CPU[0])
    # The fastest kernel, found by trying, may be another one in the standby.
    assert options['cudnn_conv_algo_search'] == 'HEURISTIC'


def test_the_order_is_as_given_and_the_cpu_is_the_last(gpu_build):
    engine = EngineOptions(fp16=True, dla_core=1, workspace_mb=64)
    found = providers_for((TENSORRT, CUDA), GPU, engine)
    assert [name for name, _ in found] == [TENSORRT, CUDA, 'CPUExecutionProvider']
    options = found[0][1]
    assert options['device_id'] == 1
    assert (options['trt_fp16_enable'], options['trt_dla_core']) == (True, 1)
    assert options['trt_max_workspace_size'] == 64 * 2**20
    assert options['trt_engine_cache_enable']
    assert '~' not in options['trt_engine_cache_path']


@pytest.mark.parametrize('wanted', [(), (CUDA,), (TENSORRT, CUDA)])
def test_one_that_is_not_in_this_build_is_refused_with_those_that_are(monkeypatch, wanted):
    monkeypatch.setattr(onnxruntime, 'get_available_providers', lambda: ['CPUExecutionProvider'])
    name = wanted[0] if wanted else CUDA
    with pytest.raises(ModelError, match=f'has no {name}; accepted: CPUExecutionProvider '):
        providers_for(wanted, GPU, NONE)


def test_one_of_a_gpu_needs_a_gpu(gpu_build):
    with pytest.raises(ModelError, match=f"{CUDA} on device 'cpu'; accepted: device cuda"):
        providers_for((CUDA,), CPU, NONE)


class FakeSession:
    """What ONNX Runtime was asked for; it starts ``started`` only."""

    started: tuple[str, ...] = ()
    made: list[FakeSession] = []  # noqa: RUF012

    def __init__(self, model: bytes, options: object, providers: list[object]) -> None:
        self.options, self.providers, self.falls_back = options, providers, True
        self.made.append(self)

    def get_providers(self) -> list[str]:
        return list(self.started)

    def disable_fallback(self) -> None:
        self.falls_back = False

    def run(self, names: None, values: dict[str, object]) -> list[object]:
        return []


def on_gpu(picture: torch.Tensor) -> OnnxNetwork:
    providers = providers_for((), GPU, NONE)
    return OnnxNetwork(line_of(GRAPHS['residual']()), picture, live=True, providers=providers)


@pytest.fixture
def part(gpu_build, picture, monkeypatch):
    """A part for a GPU, with sessions that are faked from now on."""
    (part,) = on_gpu(picture).parts(())
    monkeypatch.setattr(FakeSession, 'made', [])
    monkeypatch.setattr(session_module.onnxruntime, 'InferenceSession', FakeSession)
    return part


def test_weights_of_a_gpu_are_not_ours(gpu_build, picture):
    assert on_gpu(picture).weights == {}


def test_a_session_on_a_gpu_repeats_itself_and_does_not_go_on_without_it(
    part, picture, monkeypatch
):
    monkeypatch.setattr(FakeSession, 'started', (CUDA, 'CPUExecutionProvider'))
    part.run({'x': picture})
    (session,) = FakeSession.made
    assert [name for name, _ in session.providers] == [CUDA, 'CPUExecutionProvider']
    assert session.options.use_deterministic_compute
    assert not session.falls_back


def test_a_provider_that_does_not_start_is_an_error(part, picture, monkeypatch):
    monkeypatch.setattr(FakeSession, 'started', ('CPUExecutionProvider',))
    expected = f'{CUDA} does not start, .* has started CPUExecutionProvider'
    with pytest.raises(ModelError, match=expected):
        part.run({'x': picture})


def test_the_one_of_the_cpu_is_real(picture):
    providers = providers_for(('CPUExecutionProvider',), CPU, NONE)
    found = OnnxNetwork(line_of(GRAPHS['residual']()), picture, providers=providers)
    assert found.weights
    assert differing(found, by_arithmetic(found, 3), picture) == []


def test_the_description_names_them(tmp_path):
    _, described = export(tmp_path / 'roadnet.onnx')
    data = yaml.safe_load(described.read_text())
    described.write_text(yaml.safe_dump({**data, 'providers': ['CPUExecutionProvider']}))
    assert load_description(described).providers == ('CPUExecutionProvider',)
    assert load_model(str(described)).weights
    described.write_text(yaml.safe_dump({**data, 'providers': ['Cuda']}))
    with pytest.raises(ModelError, match=r'has no Cuda; accepted: .*CPUExecutionProvider'):
        load_model(str(described))


@pytest.mark.skipif(
    not torch.cuda.is_available() or CUDA not in onnxruntime.get_available_providers(),
    reason='no GPU, or ONNX Runtime without CUDA',
)
def test_on_a_real_gpu_the_stages_are_the_whole(picture):
    providers = providers_for((), torch.device('cuda:0'), NONE)
    found = OnnxNetwork(line_of(GRAPHS['residual']()), picture, providers=providers)
    assert differing(found, by_arithmetic(found, 3), picture) == []
