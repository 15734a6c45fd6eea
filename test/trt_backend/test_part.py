# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""How an engine is run, over a stand-in that computes on the host."""

from __future__ import annotations

import ctypes
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from restage.accelerator.failure import Failure
from restage.accelerator.judge import failure_of
from restage.detector.errors import ModelError
from restage.onnx_backend.graph import line_of
from restage.trt_backend.network import TrtNetwork
from restage.trt_backend.options import EngineOptions
from restage.trt_backend.part import EngineError, TrtPart

from ..onnx_backend.conftest import GRAPHS

HERE = torch.device('cpu')
KINDS = {'x': 'DataType.FLOAT', 'n': 'DataType.INT32', 'y': 'DataType.FLOAT'}


class Runtime:
    """Doubles ``x`` into ``y``; addresses are those of host memory."""

    DLA_core = -1
    shape: tuple[int, ...] = (2, 3)
    kinds = KINDS
    takes_engine = takes_shape = runs = True

    def __init__(self, logger: object) -> None:
        self.addresses: dict[str, int] = {}
        self.core_of_engine: int | None = None

    def deserialize_cuda_engine(self, engine: bytes) -> Runtime | None:
        self.core_of_engine = self.DLA_core
        return self if self.takes_engine else None

    def create_execution_context(self) -> Runtime:
        return self

    def get_tensor_shape(self, name: str) -> tuple[int, ...]:
        return self.shape

    def get_tensor_dtype(self, name: str) -> str:
        return self.kinds[name]

    def set_input_shape(self, name: str, shape: tuple[int, ...]) -> bool:
        return self.takes_shape

    def set_tensor_address(self, name: str, address: int) -> bool:
        self.addresses[name] = address
        return True

    def execute_async_v3(self, stream: int) -> bool:
        values = {
            name: (ctypes.c_float * 6).from_address(at) for name, at in self.addresses.items()
        }
        if self.runs:
            values['y'][:] = [2 * value for value in values['x']]
        return self.runs


@pytest.fixture
def runtime() -> type[Runtime]:
    return type('OneRuntime', (Runtime,), {})


@pytest.fixture
def host(monkeypatch) -> SimpleNamespace:
    """A stream on the host, and memory that is not pinned."""
    stream = SimpleNamespace(cuda_stream=7, synchronize=lambda: None)
    empty = torch.empty
    monkeypatch.setattr(torch.cuda, 'device', lambda device: nullcontext())
    monkeypatch.setattr(torch.cuda, 'Stream', lambda device: stream)
    monkeypatch.setattr(torch.cuda, 'stream', lambda one: nullcontext())
    monkeypatch.setattr(
        torch, 'empty', lambda *shape, pin_memory=False, **kinds: empty(*shape, **kinds)
    )
    return stream


def part_of(runtime: Any, **options: Any) -> TrtPart:
    trt = SimpleNamespace(Runtime=runtime, Logger=SimpleNamespace)
    trt.Logger = lambda level: None
    trt.Logger.WARNING = 2  # type: ignore[attr-defined]
    inputs = options.pop('inputs', ('x',))
    return TrtPart(trt, b'engine', inputs, ('y',), HERE, **options)


def test_it_runs_on_addresses_and_gives_what_it_made(runtime, host):
    part = part_of(runtime)
    for _ in range(2):
        x = torch.rand(2, 3)
        (y,) = part.run({'x': x})
        assert torch.equal(y, x * 2)


def test_a_tensor_in_another_order_or_of_another_type_is_made_to_fit(runtime, host):
    x = torch.rand(3, 2, dtype=torch.float64).t()
    (y,) = part_of(runtime).run({'x': x})
    assert torch.equal(y, x.to(torch.float32) * 2)
    part = part_of(runtime, inputs=('x', 'n'))
    part.run({'x': x, 'n': torch.tensor([1, 2, 3, 4, 5, 6]).reshape(2, 3)})
    # TensorRT 8 has made 32 bits of the graph's 64.
    there = (ctypes.c_int32 * 6).from_address(part._context.addresses['n'])
    assert len(there) == 6


def test_the_core_is_the_one_it_was_built_for(runtime, host):
    assert part_of(runtime)._runtime.core_of_engine == -1
    assert part_of(runtime, dla_core=1)._runtime.core_of_engine == 1


def test_an_engine_that_is_not_taken_is_an_error_of_its_own(runtime, host):
    runtime.takes_engine = False
    with pytest.raises(EngineError, match='does not take the engine'):
        part_of(runtime)


def test_an_output_of_unknown_size_is_refused(runtime, host):
    runtime.shape = (-1, 4)
    with pytest.raises(ModelError, match=r"size of 'y' depends on values .* left to the decoder"):
        part_of(runtime)


def test_a_type_that_pytorch_does_not_have_is_refused(runtime, host):
    runtime.kinds = {**KINDS, 'y': 'DataType.FP4'}
    with pytest.raises(ModelError, match="tensor 'y' is FP4; accepted: FLOAT, HALF"):
        part_of(runtime)


def test_what_tensorrt_refuses_is_an_error_of_the_stage(runtime, host):
    part = part_of(runtime)
    runtime.takes_shape = False
    with pytest.raises(RuntimeError, match="does not take tensor 'x'"):
        part.run({'x': torch.rand(2, 3)})
    runtime.takes_shape, runtime.runs = True, False
    with pytest.raises(RuntimeError, match='could not run') as caught:
        part.run({'x': torch.rand(2, 3)})
    assert failure_of(caught.value) is Failure.ORDINARY


def test_a_lost_context_is_known_as_such(runtime, host):
    def synchronize() -> None:
        raise torch.AcceleratorError('CUDA error: an illegal memory access was encountered')

    part = part_of(runtime)
    runtime.runs, host.synchronize = False, synchronize
    with pytest.raises(RuntimeError, match='illegal memory') as caught:
        part.run({'x': torch.rand(2, 3)})
    assert failure_of(caught.value) is Failure.CONTEXT_LOST


@pytest.fixture
def network(monkeypatch, make_tensorrt, runtime, host, tmp_path):
    """A network whose engines are kept in a folder."""
    trt = make_tensorrt('10.3.0')
    trt.Runtime = runtime
    monkeypatch.setattr('restage.trt_backend.network.load_tensorrt', lambda: trt)
    monkeypatch.setattr('restage.trt_backend.network._gpu', lambda device: 'Orin 8.7')
    runtime.kinds = dict.fromkeys(('x', 'y'), 'DataType.FLOAT')
    made = TrtNetwork.__new__(TrtNetwork)
    made._trt, made._there = trt, torch.device('cuda:0')
    made._options = EngineOptions(cache=tmp_path)
    return made


def test_a_kept_engine_that_is_not_taken_is_built_anew(network, runtime, tmp_path, monkeypatch):
    (piece,) = [SimpleNamespace(model=GRAPHS['residual'](), inputs=('x',), outputs=('y',))]
    assert network._part(piece).outputs == ('y',)
    (file,) = tmp_path.iterdir()
    file.write_bytes(b'half an eng')

    def deserialize(self, engine):
        return self if engine == b'engine' else None

    monkeypatch.setattr(runtime, 'deserialize_cuda_engine', deserialize)
    network._part(piece)
    assert file.read_bytes() == b'engine'
    monkeypatch.setattr(runtime, 'deserialize_cuda_engine', lambda self, engine: None)
    with pytest.raises(EngineError):
        network._part(piece)


def test_a_gpu_must_be_asked_for(monkeypatch, make_tensorrt):
    monkeypatch.setattr(
        'restage.trt_backend.network.load_tensorrt', lambda: make_tensorrt('10.3.0')
    )
    picture = torch.rand(1, 3, 32, 32)
    with pytest.raises(ModelError, match="tensorrt on device 'cpu'; accepted: cuda or cuda:N"):
        TrtNetwork(line_of(GRAPHS['residual']()), picture, EngineOptions(), HERE)
