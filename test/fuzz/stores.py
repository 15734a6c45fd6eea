# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Files of shared memory with bytes of them overwritten."""

from __future__ import annotations

import struct
from functools import cache
from pathlib import Path

import numpy as np
import torch
import xxhash

from restage.checkpoint.adoption import left_by
from restage.checkpoint.boundaries import valid_boundaries
from restage.checkpoint.control import NAME, Control
from restage.checkpoint.errors import StoreError
from restage.checkpoint.nodefile import NodeFile, Plan, Slot, create_node_file
from restage.checkpoint.progress import ProgressMarks
from restage.checkpoint.reader import CheckpointReader
from restage.checkpoint.writer import CheckpointWriter
from restage.stages.model import Stage, StagedModel
from restage.weights.golden import GoldenWeights

from .target import Target, none

STORE_BYTES = 1 << 18
LARGEST = 2**63 - 1
# Of a node's file: the words of the plan's size and checksum, and where the plan is.
PLAN_BYTES, PLAN_SUM, PLAN = 4 * 8, 5 * 8, 4096
CHANGE = struct.Struct('<IQ')


def _overwritten(whole: bytes, changes: bytes, front: int) -> bytearray:
    """Return ``whole`` with words written at the places in ``changes``: place, word, ..."""
    found = bytearray(whole)
    for place, word in CHANGE.iter_unpack(changes[: len(changes) // CHANGE.size * CHANGE.size]):
        # Most of what is looked at lies in front.
        struct.pack_into('<Q', found, place % (front if place % 2 else len(found) - 8), word)
    return found


def _store(data: bytes, folder: Path) -> object:
    """Read a store that a writer has laid out; with an odd first byte the plan's checksum fits."""
    path = folder / 'node'
    path.unlink(missing_ok=True)
    found = _overwritten(_whole_store(folder), data[1:], 4096 + 1024)
    if data[:1] and data[0] % 2:
        (size,) = struct.unpack_from('<Q', found, PLAN_BYTES)
        plan = bytes(found[PLAN : PLAN + min(size, 16384)])
        struct.pack_into('<Q', found, PLAN_SUM, xxhash.xxh3_64_intdigest(plan))
    path.write_bytes(found)
    node = NodeFile(path, private=True)
    marks = ProgressMarks(node)
    progress = marks.read()
    fault = marks.fault()
    numbers = [
        *(value for value in vars(progress).values() if isinstance(value, int)),
        *progress.ended_of, marks.camera() & LARGEST, marks.header_ns(),
        fault.injected_ns if fault else 0,
    ]  # fmt: skip
    assert all(0 <= number <= LARGEST for number in numbers), numbers
    node.process.alive()
    reader = CheckpointReader(node)
    valid_boundaries(node, node.plan(), progress.stamp_ns)
    reader.boundaries(7)
    return reader.restore(7, lambda _: ['a'], at_most=3)


def _whole_store(folder: Path) -> bytes:
    path = folder / 'whole'
    if not path.exists():
        create_node_file(path, STORE_BYTES)
        writer = CheckpointWriter(NodeFile(path), Plan((Slot('a', 4096),), ('one', 'two')))
        writer.begin_frame(7)
        writer.commit(0, {'a': torch.arange(512, dtype=torch.float32)})
    return path.read_bytes()


def _control(data: bytes, folder: Path) -> object:
    """Read a control file; the first byte says how much of it there is."""
    place = folder / 'system'
    place.mkdir(exist_ok=True, mode=0o700)
    file = place / NAME
    file.unlink(missing_ok=True)
    Control.create(place)
    found = _overwritten(file.read_bytes(), data[1:], 512)
    file.write_bytes(found[: 16 * data[0]] if data[:1] and data[0] else found)
    control = Control(place)
    assert 0 <= control.epoch <= LARGEST
    control.epoch = control.epoch + 1
    assert len(control.host) <= 256
    return control.owner.alive(), left_by(place, ['node'], control)


@cache
def _model() -> StagedModel:
    draw = torch.Generator().manual_seed(3)
    weights = {'a': torch.randn(64, 33, generator=draw), 'b': torch.randn(5, generator=draw)}
    stage = Stage(
        name='one', inputs=('image',), outputs=('detections',), run=dict, weights=tuple(weights)
    )
    return StagedModel(
        name='weighty', stages=(stage,), class_names=(), input_size=(4, 4), weights=weights
    )


def _golden(data: bytes, folder: Path) -> object:
    """Open clean weights; whatever the file holds, what is mapped in the end is right."""
    path = folder / 'weights-golden'
    path.unlink(missing_ok=True)
    if data[:1] and data[0] % 2:
        GoldenWeights(_model(), path)
        whole = path.read_bytes()
        path.write_bytes(_overwritten(whole, data[2:], 64)[: len(whole) - data[1 % len(data)]])
    else:
        path.write_bytes(data[1:])
    weights = GoldenWeights(_model(), path)
    assert weights.layout.checksums(weights.data) == weights.sums
    assert np.array_equal(weights.private(), weights.data)
    return weights.sum


def _changes(_folder: Path) -> list[bytes]:
    return [b'\0', b'\1' + CHANGE.pack(64, 5), b'\1' + CHANGE.pack(4097, 2**63)]


TARGETS = {
    'store': Target(_store, (StoreError,), _changes),
    'control': Target(_control, (StoreError,), _changes),
    'golden': Target(_golden, (StoreError,), none),
}
