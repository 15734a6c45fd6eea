# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What the store does with tensors of a GPU, over stand-ins for streams and pinned memory."""

from __future__ import annotations

from contextlib import nullcontext
from types import SimpleNamespace

import pytest
import torch

from restage.checkpoint.nodefile import NodeFile, Plan, Slot, create_node_file
from restage.checkpoint.reader import CheckpointReader
from restage.checkpoint.staging import Staging
from restage.checkpoint.writer import CheckpointWriter

GPU = torch.device('cuda:0')


class OnGpu(torch.Tensor):
    """A tensor that says that it is on a GPU."""

    is_cpu = property(lambda self: False)
    device = property(lambda self: GPU)

    def record_stream(self, stream: object) -> None:
        stream.log.append('kept')


def on_gpu(tensor: torch.Tensor) -> OnGpu:
    return tensor.as_subclass(OnGpu)


@pytest.fixture
def log(monkeypatch) -> list[str]:
    """What was asked of CUDA, in order."""
    asked: list[str] = []

    def event(number: int) -> SimpleNamespace:
        return SimpleNamespace(synchronize=lambda: asked.append(f'wait {number}'))

    def stream(device: torch.device) -> SimpleNamespace:
        asked.append(f'stream on {device}')
        numbers = iter(range(1000))

        def record_event() -> SimpleNamespace:
            number = next(numbers)
            asked.append(f'copy {number}')
            return event(number)

        return SimpleNamespace(
            log=asked, record_event=record_event, wait_stream=lambda other: asked.append(other)
        )

    empty_like = torch.empty_like

    def pinned(tensor: torch.Tensor, *, device: str, pin_memory: bool) -> torch.Tensor:
        assert (device, pin_memory) == ('cpu', True)
        asked.append('pinned')
        return empty_like(tensor.as_subclass(torch.Tensor))

    monkeypatch.setattr(torch.cuda, 'Stream', stream)
    monkeypatch.setattr(torch.cuda, 'stream', lambda one: nullcontext())
    monkeypatch.setattr(torch.cuda, 'current_stream', lambda device: 'after what made it')
    monkeypatch.setattr(torch, 'empty_like', pinned)
    return asked


def test_a_copy_begins_after_what_made_the_tensor_and_holds_its_memory_until_it_ends(log):
    arrived = Staging().start({'a': on_gpu(torch.rand(3))})
    assert log == ['stream on cuda:0', 'after what made it', 'pinned', 'copy 0', 'kept']
    arrived('a')
    assert log[-1] == 'wait 0'


def test_tensors_keep_their_value_and_memory_order(log):
    last = torch.rand(1, 8, 5, 4).to(memory_format=torch.channels_last)
    made = {'a': last, 'b': torch.rand(2, 3), 'c': torch.arange(4), 'd': torch.zeros(0, 4)}
    arrived = Staging().start({name: on_gpu(tensor) for name, tensor in made.items()})
    for name, tensor in made.items():
        copy = arrived(name)
        assert type(copy) is torch.Tensor
        assert (copy.dtype, copy.stride()) == (tensor.dtype, tensor.stride())
        assert torch.equal(copy, tensor)


def test_pinned_memory_is_used_again_and_anew_where_the_shape_is_another(log):
    staging = Staging()
    for shape in ((3, 2), (3, 2), (4, 2)):
        value = torch.rand(shape)
        assert torch.equal(staging.start({'a': on_gpu(value)})('a'), value)
    assert log.count('pinned') == 2
    assert log.count('stream on cuda:0') == 1


def test_what_is_on_the_cpu_is_left_alone(log):
    staging = Staging()
    staging.reserve({'a': torch.rand(3)})
    staging.start({'a': torch.rand(3)})
    assert log == []


def test_memory_that_was_reserved_is_there_when_the_first_frame_comes(log):
    staging = Staging()
    staging.reserve({'a': on_gpu(torch.rand(3))})
    assert log == ['stream on cuda:0', 'pinned']
    log.clear()
    staging.start({'a': on_gpu(torch.rand(3))})
    assert log == ['after what made it', 'copy 0', 'kept']


@pytest.fixture
def file(tmp_path) -> NodeFile:
    create_node_file(tmp_path / 'a', 1024 * 1024)
    return NodeFile(tmp_path / 'a')


def test_a_boundary_is_marked_when_every_copy_has_come(log, file, monkeypatch):
    plan = Plan(tuple(Slot(name, 4096) for name in 'abc'), ('one', 'two'))
    writer, reader = CheckpointWriter(file, plan), CheckpointReader(file)
    seen = []
    original = Staging.start

    def start(self, tensors):
        arrived = original(self, tensors)

        def watched(name):
            seen.append(reader.boundaries(5))
            return arrived(name)

        return watched

    monkeypatch.setattr(Staging, 'start', start)
    values = {name: torch.rand(4, 4) for name in 'abc'}
    writer.begin_frame(5)
    writer.commit(0, {'a': on_gpu(values['a']), 'b': values['b'], 'c': on_gpu(values['c'])})
    assert seen == [[], []]
    # The second is on its way while the CPU works on the first.
    waits = [log.index('copy 1'), log.index('wait 0'), log.index('wait 1')]
    assert waits == sorted(waits)
    restored = reader.restore(5, lambda _: 'abc', at_most=0)
    assert restored.boundary == 0
    assert all(torch.equal(restored.tensors[name], values[name]) for name in 'abc')


def test_what_the_frame_has_stored_already_is_not_copied_again(log, file):
    plan = Plan(tuple(Slot(name, 4096) for name in 'ab'), ('one', 'two'))
    writer = CheckpointWriter(file, plan)
    one, other = on_gpu(torch.rand(4)), on_gpu(torch.rand(4))
    writer.begin_frame(5)
    writer.commit(0, {'a': one})
    writer.commit(1, {'a': one, 'b': other})
    assert [entry for entry in log if entry.startswith('copy')] == ['copy 0', 'copy 1']
