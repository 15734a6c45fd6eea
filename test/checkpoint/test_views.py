# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Restoring without a copy: whose memory it is, how long it stays, and what cannot harm it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from restage.checkpoint.errors import NoCheckpointError, StoreError
from restage.checkpoint.nodefile import DATA, NodeFile, Plan, Slot, create_node_file
from restage.checkpoint.reader import CheckpointReader
from restage.checkpoint.writer import CheckpointWriter

PLAN = Plan((Slot('x', 40_000), Slot('c', 400)), ('a', 'b'))
CONTENT = torch.arange(10_000.0).reshape(1, 4, 50, 50).contiguous(memory_format=torch.channels_last)


def live_after(boundary: int) -> tuple[str, ...]:
    return ('x',)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    create_node_file(tmp_path / 'node', DATA + 2 * PLAN.arena_bytes())
    return tmp_path / 'node'


@pytest.fixture
def dead(path: Path) -> CheckpointWriter:
    """The writer of frame 5, which does nothing any more."""
    writer = CheckpointWriter(NodeFile(path), PLAN)
    writer.begin_frame(5)
    writer.commit(0, {'x': CONTENT})
    return writer


def view(path: Path, *, private: bool = True) -> tuple[torch.Tensor, NodeFile]:
    file = NodeFile(path, private=private)
    return CheckpointReader(file).restore(5, live_after, at_most=1, copy=False).tensors['x'], file


def lies_in(tensor: torch.Tensor, file: NodeFile) -> bool:
    memory = np.frombuffer(file.memory, np.uint8)
    return 0 <= tensor.data_ptr() - memory.ctypes.data < memory.size


@pytest.mark.parametrize('private', [True, False])
def test_a_view_is_the_mapping_itself_with_bits_strides_and_alignment(
    path: Path, dead: CheckpointWriter, private: bool
) -> None:
    tensor, file = view(path, private=private)
    assert lies_in(tensor, file)
    assert torch.equal(tensor, CONTENT)
    assert tensor.stride() == CONTENT.stride()
    assert tensor.data_ptr() % 64 == 0


def test_a_copy_is_not_in_the_mapping_and_as_well_aligned(
    path: Path, dead: CheckpointWriter
) -> None:
    file = NodeFile(path)
    tensor = CheckpointReader(file).restore(5, live_after, at_most=1).tensors['x']
    assert not lies_in(tensor, file)
    assert tensor.data_ptr() % 64 == 0
    file.memory[DATA:] = bytes(len(file.memory) - DATA)
    assert torch.equal(tensor, CONTENT)


def test_a_stage_that_writes_into_its_inputs_does_not_harm_the_checkpoint(
    path: Path, dead: CheckpointWriter
) -> None:
    with torch.inference_mode():
        spoilt, _ = view(path)
        spoilt.zero_()
    again, _ = view(path)
    assert not spoilt.any()
    assert torch.equal(again, CONTENT)


def test_a_view_of_a_damaged_tensor_is_refused(path: Path, dead: CheckpointWriter) -> None:
    tensor, file = view(path, private=False)
    tensor[0, 1, 2, 3] += 1
    for copy in (True, False):
        with pytest.raises(NoCheckpointError):
            CheckpointReader(file).restore(5, live_after, at_most=1, copy=copy)


def test_a_view_outlives_the_file_and_the_reader(path: Path, dead: CheckpointWriter) -> None:
    tensor, file = view(path)
    path.unlink()
    del file
    assert torch.equal(tensor, CONTENT)


def test_a_successor_that_attaches_leaves_the_data_of_views_alone(
    path: Path, dead: CheckpointWriter
) -> None:
    tensor, _ = view(path)
    CheckpointWriter(NodeFile(path), PLAN)
    assert torch.equal(tensor, CONTENT)
    with pytest.raises(NoCheckpointError):
        view(path)


def test_a_view_lasts_until_the_second_next_frame(path: Path, dead: CheckpointWriter) -> None:
    tensor, file = view(path)
    dead.commit(1, {'x': CONTENT, 'c': torch.ones(3)})
    dead.begin_frame(6)
    dead.commit(0, {'x': CONTENT + 1})
    dead.begin_frame(7)
    assert torch.equal(tensor, CONTENT)
    with pytest.raises(NoCheckpointError):
        CheckpointReader(file).restore(5, live_after, at_most=1, copy=False)
    dead.commit(0, {'x': CONTENT + 2})
    assert torch.equal(tensor, CONTENT + 2)  # as the rule says: no longer what it was


def test_what_is_not_taken_back_by_a_rewind_is_not_written_again(
    path: Path, dead: CheckpointWriter
) -> None:
    """A node that resumes from views of its own file goes on with them in the same frame."""
    dead.commit(1, {'x': CONTENT, 'c': torch.ones(3)})
    tensor, _ = view(path, private=False)
    dead.rewind(0, ['c'])
    dead.commit(1, {'x': tensor, 'c': torch.ones(3) * 2})
    assert torch.equal(tensor, CONTENT)
    assert torch.equal(view(path)[0], CONTENT)


def test_a_private_mapping_sees_the_writer_and_cannot_become_one(
    path: Path, dead: CheckpointWriter
) -> None:
    file = NodeFile(path, private=True)
    dead.marks.promise(77)
    assert int(file.progress[7]) == 77
    file.progress[7] = 78
    assert int(NodeFile(path).progress[7]) == 77
    with pytest.raises(StoreError, match='mapped privately'):
        CheckpointWriter(file, PLAN)
    assert NodeFile(path).plan() == PLAN


def test_a_file_of_which_nothing_may_be_written_can_be_mapped_privately(
    path: Path, dead: CheckpointWriter
) -> None:
    path.chmod(0o400)
    assert torch.equal(view(path)[0], CONTENT)


def test_no_page_of_a_private_mapping_is_copied_by_mapping_it(
    path: Path, dead: CheckpointWriter, pages_of: Callable[[NodeFile], int]
) -> None:
    file = NodeFile(path, private=True)
    CheckpointReader(file).restore(5, live_after, at_most=1, copy=False)
    assert pages_of(file) == 0
    file.progress[7] = 1
    assert pages_of(file) == 1


@pytest.fixture
def pages_of() -> Callable[[NodeFile], int]:
    def count(file: NodeFile) -> int:
        """Pages of the mapping that are this process's own."""
        start = np.frombuffer(file.memory, np.uint8).ctypes.data
        inside = False
        for line in Path('/proc/self/smaps').read_text().splitlines():
            if '-' in line.split(' ')[0]:
                first, last = (int(part, 16) for part in line.split(' ')[0].split('-'))
                inside = first <= start < last
            elif inside and line.startswith('Anonymous:'):
                return int(line.split()[1]) // 4
        raise AssertionError('no such mapping')

    return count
