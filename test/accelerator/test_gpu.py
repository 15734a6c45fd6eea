# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The real thing, where there is a GPU: never run so far by those who wrote it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from restage.accelerator.choice import device_named
from restage.accelerator.failure import Failure
from restage.accelerator.judge import failure_of, give_memory_back
from restage.accelerator.placement import on
from restage.checkpoint.nodefile import NodeFile, Plan, Slot, create_node_file
from restage.checkpoint.reader import CheckpointReader
from restage.checkpoint.writer import CheckpointWriter
from restage.detect.finite import FiniteDetector
from restage.faults.bits import flip_bit
from restage.stages.loading import load_model
from restage.stages.runner import StageRunner
from restage.weights.golden import GoldenWeights
from restage.weights.guard import WeightGuard

pytestmark = pytest.mark.skipif(
    not torch.cuda.is_available(), reason='PyTorch finds no GPU with CUDA here'
)

ILLEGAL = """
import sys, torch
from restage.accelerator.judge import failure_of
from restage.faults.effects.cuda import BAD_ADDRESS, KERNEL
torch.zeros(1, device='cuda')
kernel = torch.cuda._compile_kernel(KERNEL, 'write_to')
kernel(grid=(1, 1, 1), block=(1, 1, 1), args=[BAD_ADDRESS])
found = []
for _ in range(2):
    try:
        torch.cuda.synchronize()
    except RuntimeError as error:
        found.append(failure_of(error).value)
sys.stdout.write(' '.join(found))
sys.stdout.flush()
import os; os._exit(0)
"""


@pytest.fixture
def image() -> torch.Tensor:
    draw = torch.Generator().manual_seed(3)
    return torch.randint(0, 255, (384, 640, 3), dtype=torch.uint8, generator=draw)


@pytest.fixture
def model():
    return load_model('bundled', 'cuda')


def test_the_bundled_model_computes_there_and_says_what_it_says_on_the_cpu(model, image):
    there = StageRunner(model, [FiniteDetector()]).run_all(image)
    here = StageRunner(load_model('bundled')).run_all(image)
    assert {there[name].device.type for name in ('c2', 'c5', 'p3', 'h5')} == {'cuda'}
    assert {there[name].device.type for name in ('x', 'detections')} == {'cpu'}
    for name, tensor in here.items():
        if tensor.is_floating_point() and name != 'detections':
            assert torch.allclose(there[name].cpu(), tensor, atol=2e-2, rtol=2e-2), name


def test_a_run_from_a_checkpoint_makes_the_bits_of_one_from_the_image(model, image, tmp_path):
    runner = StageRunner(model)
    clean = runner.run_all(image)
    boundary = model.index('backbone.3')
    alive = {name: clean[name] for name in model.live_after(boundary)}
    create_node_file(tmp_path / 'a', 64 * 2**20)
    file = NodeFile(tmp_path / 'a')
    slots = tuple(Slot(name, tensor.nbytes) for name, tensor in alive.items())
    writer = CheckpointWriter(file, Plan(slots, tuple(stage.name for stage in model.stages)))
    for stamp in (1, 2):
        writer.begin_frame(stamp)
        writer.commit(boundary, alive)
    restored = CheckpointReader(file).restore(2, model.live_after, at_most=99, copy=False)
    assert restored.boundary == boundary
    state = dict(restored.tensors)
    for name, tensor in alive.items():
        assert state[name].is_cpu
        assert state[name].stride() == tensor.stride()
        assert torch.equal(state[name], tensor.cpu())
    for index in range(boundary + 1, len(model.stages)):
        state.update(runner.run(index, state))
    assert torch.equal(state['detections'], clean['detections'])


def test_weights_there_are_checked_and_brought_back(model, image):
    guard = WeightGuard(model, GoldenWeights(model, None), 10**12, lambda: model)
    clean = StageRunner(model).run_all(image)['h3'].clone()
    weight = model.weights['backbone.1.0.conv.weight']
    assert weight.is_cuda
    assert guard.check_next() is None
    flip_bit(weight, 5, 30)
    fault = guard.check_next()
    assert fault is not None
    assert fault.names == ('backbone.1.0.conv.weight',)
    assert guard.reload() == fault.names
    assert guard.check_all() is None
    assert torch.equal(StageRunner(model).run_all(image)['h3'], clean)


def test_memory_that_is_not_there_ends_nothing():
    device = device_named('cuda')
    total = torch.cuda.mem_get_info(device)[1]
    with pytest.raises(torch.cuda.OutOfMemoryError) as caught:
        torch.empty(2 * total, dtype=torch.uint8, device=device)
    assert failure_of(caught.value) is Failure.GPU_MEMORY
    give_memory_back()
    assert torch.equal(on(device, lambda x: x + 1)(torch.zeros(2)).cpu(), torch.ones(2))


def test_a_write_to_a_bad_address_loses_the_context():
    root = Path(__file__).resolve().parents[2] / 'src'
    done = subprocess.run(
        [sys.executable, '-c', ILLEGAL],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={'PYTHONPATH': str(root)},
    )
    assert done.stdout == 'backend_lost backend_lost', done.stderr
