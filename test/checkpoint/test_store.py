# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from restage.checkpoint.errors import NoCheckpointError, StoreError
from restage.checkpoint.nodefile import (
    DATA,
    MAX_BOUNDARIES,
    NodeFile,
    Plan,
    Slot,
    create_node_file,
)
from restage.checkpoint.reader import CheckpointReader
from restage.checkpoint.writer import CheckpointWriter
from restage.stages.model import StagedModel
from restage.stages.runner import StageRunner

CAPACITY = 1024 * 1024
NAMES = ('image', 'x', 'c', 'p', 'detections')


@pytest.fixture
def store(tmp_path: Path) -> tuple[CheckpointWriter, CheckpointReader, NodeFile]:
    path = tmp_path / 'node'
    create_node_file(path, CAPACITY)
    plan = Plan(tuple(Slot(name, 65536) for name in NAMES), ('preprocess', 'a', 'b', 'decode'))
    writer = CheckpointWriter(NodeFile(path), plan)
    reading = NodeFile(path)
    return writer, CheckpointReader(reading), reading


def test_what_was_committed_is_restored_bit_for_bit_in_its_memory_order(store) -> None:
    writer, reader, _ = store
    tensor = torch.randn(1, 3, 5, 7).contiguous(memory_format=torch.channels_last)
    writer.begin_frame(1000)
    writer.commit(0, {'x': tensor})
    restored = reader.restore(1000, lambda _: ('x',), at_most=3)
    assert restored.boundary == 0
    assert torch.equal(restored.tensors['x'], tensor)
    assert restored.tensors['x'].stride() == tensor.stride()


@pytest.mark.parametrize(
    'dtype', [torch.float32, torch.float16, torch.bfloat16, torch.uint8, torch.int64, torch.bool]
)
def test_every_dtype_and_an_empty_tensor_survive(store, dtype: torch.dtype) -> None:
    writer, reader, _ = store
    full, empty = torch.ones(3, 4).to(dtype), torch.zeros(0, 6).to(dtype)
    writer.begin_frame(1)
    writer.commit(0, {'x': full, 'c': empty})
    tensors = reader.restore(1, lambda _: ('x', 'c'), at_most=0).tensors
    assert torch.equal(tensors['x'], full)
    assert tensors['c'].shape == (0, 6)
    assert tensors['c'].dtype == dtype


def test_an_earlier_frame_is_never_taken_for_a_later_one(store) -> None:
    writer, reader, _ = store
    for stamp in (1, 2, 3):
        writer.begin_frame(stamp)
        writer.commit(0, {'x': torch.full((4,), float(stamp))})
    writer.begin_frame(4)
    assert reader.boundaries(4) == []
    with pytest.raises(NoCheckpointError, match='frame 4'):
        reader.restore(4, lambda _: ('x',), at_most=3)
    with pytest.raises(NoCheckpointError):
        reader.restore(2, lambda _: ('x',), at_most=3)  # its arena is frame 4's now
    assert reader.restore(3, lambda _: ('x',), at_most=3).tensors['x'][0] == 3


def test_a_damaged_tensor_is_refused_and_an_earlier_boundary_used(store) -> None:
    writer, reader, file = store
    writer.begin_frame(5)
    writer.commit(0, {'x': torch.zeros(100)})
    writer.commit(1, {'x': torch.zeros(100), 'c': torch.arange(100.0)})
    data = bytes(torch.arange(100.0).numpy().tobytes())
    where = file.memory.find(data[:64])
    assert where > 0
    file.memory[where + 8] ^= 1
    live = {0: ('x',), 1: ('x', 'c')}
    assert reader.restore(5, lambda b: live[b], at_most=3).boundary == 0


class FlipsABit:
    """Memory in which the data of tensors arrives with a bit flipped."""

    def __init__(self, memory: Any) -> None:
        self._memory = memory

    def __setitem__(self, place: slice, data: Any) -> None:
        self._memory[place] = data
        if place.start >= DATA:
            self._memory[place.start] ^= 1


def test_a_copy_that_went_wrong_does_not_vouch_for_itself(store) -> None:
    writer, reader, _ = store
    writer._memory = FlipsABit(writer._memory)
    writer.begin_frame(6)
    writer.commit(0, {'x': torch.ones(100)})
    assert reader.boundaries(6) == [0]
    with pytest.raises(NoCheckpointError, match='no whole checkpoint of frame 6'):
        reader.restore(6, lambda _: ('x',), at_most=3)


def test_rewind_takes_back_what_lies_behind(store) -> None:
    writer, reader, _ = store
    writer.begin_frame(6)
    for boundary, name in enumerate(('x', 'c', 'p')):
        writer.commit(boundary, {name: torch.ones(3) * boundary})
    writer.rewind(0, ['c', 'p'])
    assert reader.boundaries(6) == [0]
    writer.commit(1, {'c': torch.ones(3) * 7})
    assert reader.restore(6, lambda _: ('c',), at_most=3).tensors['c'][0] == 7


def test_a_tensor_that_outgrew_its_slot_is_a_clear_error(store) -> None:
    writer, _, _ = store
    writer.begin_frame(7)
    with pytest.raises(StoreError, match=r"tensor 'x' has 80000 bytes; its slot .* has 65536"):
        writer.commit(0, {'x': torch.zeros(20000)})


def test_tensors_that_cannot_be_kept_are_refused_by_name(store) -> None:
    writer, reader, _ = store
    writer.begin_frame(7)
    writer.commit(0, {'x': torch.ones(2)})
    for tensor, why in (
        (
            torch.zeros(3, dtype=torch.complex64),
            "tensor 'c' is torch.complex64 with 1 dim.*float32",
        ),
        (torch.zeros((1,) * 9), "tensor 'c' is torch.float32 with 9 dim.*at most 8"),
    ):
        with pytest.raises(StoreError, match=why):
            writer.commit(1, {'c': tensor})
    with pytest.raises(StoreError, match="the store has no slot for tensor 'other'"):
        writer.commit(1, {'other': torch.zeros(1)})
    assert reader.boundaries(7) == [0]


def test_a_name_may_stand_for_another_shape_type_or_memory_order_in_each_frame(store) -> None:
    writer, reader, _ = store
    base = torch.arange(120.0)
    tensors = [
        base.reshape(2, 3, 4, 5),
        base.reshape(2, 3, 4, 5).contiguous(memory_format=torch.channels_last),
        base.reshape(2, 3, 4, 5).half(),
        base.reshape(2, 3, 4, 5).int(),
        base.reshape(5, 24),
        base.reshape(5, 24).t(),
        base.reshape(5, 24)[:, ::3],
        base.reshape(24, 5)[:, 2],
        base[:1].expand(7),
        base[::2][:1],  # one element, and a stride of two
        base[:0],
        base[3],
        base.reshape(2, 3, 4, 5),
    ]
    for stamp, tensor in enumerate((*tensors, *tensors), 1):
        writer.begin_frame(stamp)
        writer.commit(0, {'x': tensor})
        for copy in (True, False):
            restored = reader.restore(stamp, lambda _: ('x',), at_most=0, copy=copy).tensors['x']
            assert restored.dtype == tensor.dtype
            assert restored.shape == tensor.shape
            assert torch.equal(restored, tensor)


def test_the_same_stamp_once_more_is_not_served_from_its_first_run(store) -> None:
    writer, reader, _ = store
    for _ in range(4):  # in whichever arena
        writer.begin_frame(9)
        writer.commit(0, {'x': torch.ones(3)})
        writer.commit(1, {'x': torch.ones(3), 'c': torch.ones(3)})
        writer.begin_frame(9)
        assert reader.boundaries(9) == []
        writer.commit(0, {'x': torch.zeros(3)})
        restored = reader.restore(9, lambda _: ('x',), at_most=3)
        assert restored.boundary == 0
        assert not restored.tensors['x'].any()


def test_no_two_frames_have_the_same_number_not_even_of_two_writers(store, tmp_path: Path) -> None:
    writer, _, file = store
    numbers = []
    for _ in range(3):
        for stamp in (1, 2, 3):
            writer.begin_frame(stamp)
            numbers.append(max(int(head[0]) for head in file.heads))
        writer = CheckpointWriter(NodeFile(file.path), file.plan())
    assert len(set(numbers)) == 9
    assert numbers == sorted(numbers)


def test_a_model_of_as_many_stages_as_are_accepted_has_all_its_boundaries(tmp_path: Path) -> None:
    create_node_file(tmp_path / 'node', CAPACITY)
    file = NodeFile(tmp_path / 'node')
    plan = Plan((Slot('x', 64),), tuple(f's{stage}' for stage in range(MAX_BOUNDARIES)))
    writer = CheckpointWriter(file, plan)
    reader = CheckpointReader(file)
    writer.begin_frame(1)
    for boundary in range(-1, MAX_BOUNDARIES):
        writer.commit(boundary, {'x': torch.ones(1)})
    assert reader.boundaries(1) == list(range(MAX_BOUNDARIES - 1, -2, -1))
    writer.rewind(-2, ['x'])
    assert reader.boundaries(1) == []
    assert int(file.entries[0][0, 0]) == int(file.entries[1][0, 0]) == 0
    with pytest.raises(StoreError, match=f'accepted: 64 tensors, {MAX_BOUNDARIES} stages'):
        CheckpointWriter(file, Plan(plan.slots, (*plan.stages, 'more')))


def test_a_file_too_small_for_the_model_is_refused_with_what_it_needs(tmp_path: Path) -> None:
    create_node_file(tmp_path / 'node', 256 * 1024)
    with pytest.raises(StoreError, match='raise store_capacity_mb'):
        NodeFile(tmp_path / 'node').attach(Plan((Slot('x', 1024 * 1024),), ('a',)))


def test_another_file_is_not_taken_for_a_store(tmp_path: Path) -> None:
    (tmp_path / 'node').write_bytes(b'something else' * 100000)
    with pytest.raises(StoreError, match='not a checkpoint store'):
        NodeFile(tmp_path / 'node')
    (tmp_path / 'empty').touch()
    with pytest.raises(StoreError, match='is empty'):
        NodeFile(tmp_path / 'empty')


def test_the_store_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    create_node_file(tmp_path / 'node', CAPACITY)
    assert (tmp_path / 'node').stat().st_mode & 0o777 == 0o600


def test_resuming_from_any_boundary_gives_the_bits_of_the_whole_run(
    store, tiny_model: StagedModel
) -> None:
    writer, reader, _ = store
    runner = StageRunner(tiny_model)
    image = torch.randint(0, 255, (12, 16, 3), dtype=torch.uint8)
    whole = runner.run_all(image)
    writer.begin_frame(8)
    for boundary in range(-1, len(tiny_model.stages)):
        live = tiny_model.live_after(boundary)
        writer.commit(boundary, {name: whole[name] for name in live})
        restored = reader.restore(8, tiny_model.live_after, at_most=boundary)
        assert restored.boundary == boundary
        state = dict(restored.tensors)
        for index in range(boundary + 1, len(tiny_model.stages)):
            state.update(runner.run(index, state))
        assert torch.equal(state['detections'], whole['detections'])


def test_checkpoints_of_another_model_are_refused(tmp_path: Path) -> None:
    create_node_file(tmp_path / 'node', CAPACITY)
    file = NodeFile(tmp_path / 'node')
    CheckpointWriter(file, Plan((Slot('x', 64),), ('a',), 'abc'))
    CheckpointReader(file, 'abc')
    with pytest.raises(StoreError, match='are of model abc, not def'):
        CheckpointReader(file, 'def')


def test_a_digest_changes_with_any_bit_of_the_weights(tiny_model: StagedModel) -> None:
    before = tiny_model.digest()
    assert before == tiny_model.digest()
    weight = tiny_model.weights['backbone.0.weight']
    weight.view(torch.int32).flatten()[7] ^= 1
    assert tiny_model.digest() != before
