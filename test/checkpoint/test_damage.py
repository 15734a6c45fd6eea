# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Whatever happens to the bytes of a store, nothing wrong is taken for a checkpoint."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from restage.checkpoint.nodefile import ARENA_TABLES, DATA, ENTRY_WORDS, NodeFile, head_word
from restage.checkpoint.reader import CheckpointReader
from restage.checkpoint.tensors import META_WORDS, TensorMeta, describe, rebuild
from restage.checkpoint.writer import COMMIT, CheckpointWriter

FAST = settings(
    max_examples=600, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)
STAMPS = (4, 5)  # neither is retried
TABLE = 8 * head_word(0)
HEAD_BYTES = 8 * 8  # sequence number, stamp, and the boundaries of three stages and the image
ENTRY_BYTES = 8 * (2 + META_WORDS)


@pytest.fixture(scope='module')
def store(scripts: Any, tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """Frames 4 and 5, and a reader of an image of them that may be damaged."""
    script = scripts.small()
    path = script.make(tmp_path_factory.mktemp('store') / 'node')
    writer = CheckpointWriter(NodeFile(path), script.plan())
    for stamp in (2, *STAMPS):
        script.write(writer, stamp)
    file = NodeFile(path)
    clean = np.frombuffer(file.memory[:], np.uint8)
    tensors = len(script.tensors)
    arena = script.plan().arena_bytes()
    places = []
    for number in (0, 1):
        head = TABLE + number * ARENA_TABLES
        entries = 8 * head_word(number) + ARENA_TABLES - 64 * ENTRY_WORDS * 8
        places += range(head, head + HEAD_BYTES)
        for slot in range(tensors):
            places += range(entries + slot * ENTRY_WORDS * 8, entries + slot * 256 + ENTRY_BYTES)
        places += range(DATA + number * arena, DATA + (number + 1) * arena)
    return SimpleNamespace(
        script=script,
        file=file,
        memory=np.frombuffer(file.memory, np.uint8),
        clean=clean,
        places=places,
        reader=CheckpointReader(file),
    )


def accepted(store: SimpleNamespace) -> dict[int, int]:
    """Restore every boundary of whatever frames the store says it has; all must be right."""
    stamps = {*STAMPS, *(int(head[1]) for head in store.file.heads)}
    found = {}
    for stamp in stamps:
        for boundary in range(-1, store.script.stages):
            restored = store.script.read(store.reader, stamp, boundary, copy=boundary % 2 == 0)
            if restored is not None:
                assert stamp in STAMPS, 'a frame that never was'
                found[stamp] = restored
    return found


def test_what_is_not_damaged_is_accepted(store: SimpleNamespace) -> None:
    store.memory[:] = store.clean
    assert accepted(store) == {4: 2, 5: 2}


def test_bytes_damaged_anywhere_in_an_arena_are_never_accepted(store: SimpleNamespace) -> None:
    met = {'whole': 0, 'less': 0}

    @settings(FAST)
    @given(
        damage=st.lists(
            st.tuples(st.integers(0, len(store.places) - 1), st.integers(1, 255)), min_size=1
        )
    )
    def harm(damage: list[tuple[int, int]]) -> None:
        store.memory[:] = store.clean
        for place, flip in damage:
            store.memory[store.places[place]] ^= flip
        met['whole' if accepted(store) == {4: 2, 5: 2} else 'less'] += 1

    harm()
    # Some bytes are unused; most are not.
    assert met['less'] > met['whole']


def test_every_byte_of_a_frame_counts(store: SimpleNamespace) -> None:
    store.memory[:] = store.clean
    store.reader.restore(5, store.script.live_after, at_most=2)
    arena = next(n for n, head in enumerate(store.file.heads) if int(head[1]) == 5)
    live = store.script.live(2)
    for one in live:
        slot, offset, _ = store.script.plan().offsets()[one.name]
        entry = store.file.entries[arena][slot].view(np.uint8)[:ENTRY_BYTES]
        size = one.content(5, 0).nbytes
        data = store.file.data(arena, offset, size, store.script.plan())
        for part in (entry, data):
            for place in range(part.size):
                part[place] ^= 0x10
                # Boundary 1 needs some of these tensors, too.
                assert store.script.read(store.reader, 5) != 2, (one.name, part.size, place)
                part[place] ^= 0x10
    assert store.script.read(store.reader, 5) == 2


def test_a_piece_of_another_place_is_never_accepted(store: SimpleNamespace) -> None:
    """Writes that went astray: right bytes in the wrong place."""

    @settings(FAST)
    @given(
        source=st.integers(0, len(store.places) - 1),
        target=st.integers(0, len(store.places) - 1),
        size=st.integers(8, 4096),
    )
    def astray(source: int, target: int, size: int) -> None:
        store.memory[:] = store.clean
        at, to = store.places[source] // 8 * 8, store.places[target] // 8 * 8
        size = min(size, store.clean.size - max(at, to))
        store.memory[to : to + size] = store.clean[at : at + size]
        accepted(store)

    astray()


def test_an_entry_of_an_earlier_frame_is_not_valid_with_the_new_mark(
    store: SimpleNamespace,
) -> None:
    """What a CPU that reorders stores may show: the mark before data, checksum, description."""
    store.memory[:] = store.clean
    arena = next(n for n, head in enumerate(store.file.heads) if int(head[1]) == 4)
    head, entries = store.file.heads[arena], store.file.entries[arena]
    later = int(head[0]) + 2
    for slot in range(len(store.script.tensors)):
        entries[slot, COMMIT] = later
    head[2 : 2 + 4] = later
    head[0] = later
    for stamp in (4, 6):
        head[1] = stamp
        assert store.reader.boundaries(stamp) == [2, 1, 0, -1]
        assert store.script.read(store.reader, stamp) is None


def test_another_frames_stamp_over_a_whole_frame_is_not_believed(store: SimpleNamespace) -> None:
    store.memory[:] = store.clean
    head = next(head for head in store.file.heads if int(head[1]) == 5)
    head[1] = 6
    assert store.reader.boundaries(6) == [2, 1, 0, -1]
    assert store.script.read(store.reader, 6) is None
    assert store.script.read(store.reader, 4) == 2


def test_two_tensors_that_are_alike_cannot_be_taken_for_each_other(
    scripts: Any, tmp_path: Path
) -> None:
    twins = tuple(
        scripts.Tensor(name, number, torch.float32, (8,), (0,), 0, 0)
        for number, name in enumerate('ab')
    )
    script = scripts.Script(twins, 1, 0)
    file = NodeFile(script.make(tmp_path / 'node'))
    script.write(CheckpointWriter(file, script.plan()), 1)
    reader = CheckpointReader(file)
    assert script.read(reader, 1) == 0
    arena = next(n for n, head in enumerate(file.heads) if int(head[1]) == 1)
    first, second = (file.data(arena, offset, 32, script.plan()) for offset in (0, 64))
    entries = file.entries[arena]
    for pair in ((first, second), (entries[0], entries[1])):
        pair[0][:], pair[1][:] = pair[1].copy(), pair[0].copy()
    assert script.read(reader, 1, 0) != 0


@settings(FAST)
@given(
    kind=st.integers(0, 20),
    dims=st.integers(0, 10),
    sizes=st.lists(st.integers(0, 4) | st.integers(0, 2**64 - 1), min_size=16, max_size=16),
)
def test_any_words_are_a_tensor_or_a_value_error(kind: int, dims: int, sizes: list[int]) -> None:
    try:
        meta = TensorMeta.from_words([kind, dims, *sizes])
    except ValueError:
        return
    assert meta.words()[: 2 + dims] == [kind, dims, *sizes[:dims]]
    if 0 < meta.nbytes < 4096:
        # Every element lies in the data: PyTorch would refuse it if not.
        assert rebuild(meta, np.zeros(meta.nbytes, np.uint8)).nbytes == meta.nbytes


@settings(FAST)
@given(
    shape=st.lists(st.integers(0, 5), max_size=5),
    cut=st.booleans(),
    grown=st.booleans(),
    seed=st.randoms(use_true_random=False),
)
def test_a_tensor_keeps_its_bytes_and_its_strides(
    shape: list[int], cut: bool, grown: bool, seed: Any
) -> None:
    tensor = torch.arange(int(np.prod(shape)) or 1, dtype=torch.int32)[: int(np.prod(shape))]
    order = seed.sample(range(len(shape)), len(shape))
    tensor = tensor.reshape(shape).permute(order)
    if cut and shape and tensor.shape[0] > 1:
        tensor = tensor[::2]
    if grown:
        tensor = tensor.expand(3, *tensor.shape)
    meta, data = describe(tensor)
    assert TensorMeta.from_words(meta.words()) == meta
    assert data.nbytes == meta.nbytes == tensor.nbytes
    restored = rebuild(meta, data)
    assert torch.equal(restored, tensor)
    if tensor.numel() and not grown and not cut:
        assert restored.stride() == tensor.stride()
        assert restored.data_ptr() == tensor.data_ptr()


def test_strides_that_only_a_suggested_memory_format_depends_on_are_kept() -> None:
    """One channel: contiguous as well as channels-last, and a convolution asks which."""
    tensor = torch.empty_strided((1, 1, 4, 5), (20, 1, 5, 1)).fill_(1.0)
    restored = rebuild(*describe(tensor))
    assert restored.stride() == tensor.stride()
    assert (restored * 1).stride() == (tensor * 1).stride()
