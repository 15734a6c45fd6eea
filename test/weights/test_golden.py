# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The file all nodes share, and what becomes of it in accidents."""

from __future__ import annotations

import errno
import gc
import json
import os
import signal
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch

from restage.checkpoint.errors import StoreError
from restage.checkpoint.folder import open_or_create, sign_off
from restage.checkpoint.nodefile import DATA, MAGIC
from restage.weights.golden import GoldenWeights, golden_path

DEADLINE_S = 60


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return golden_path(tmp_path, 'cafe')


def bytes_of(golden: GoldenWeights) -> bytes:
    return golden.data.tobytes()


# One file


def test_the_file_is_called_after_the_weights_it_holds(tmp_path: Path) -> None:
    assert golden_path(tmp_path, 'cafe') != golden_path(tmp_path, 'beef')
    assert golden_path(tmp_path, 'cafe').parent == tmp_path


def test_the_file_holds_the_weights_as_they_are_laid_out(path, tools) -> None:
    model = tools.several_kinds()
    golden = GoldenWeights(model, path)
    wanted = np.zeros(golden.layout.nbytes, np.uint8)
    golden.layout.fill(wanted, model)
    assert path.read_bytes() == wanted.tobytes() == bytes_of(golden)
    assert golden.sums == golden.layout.checksums(wanted)


def test_only_its_user_may_read_it(path, tools) -> None:
    GoldenWeights(tools.one_weight(), path)
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_second_node_takes_the_file_that_is_there(path, tools) -> None:
    first = GoldenWeights(tools.several_kinds(), path)
    made = path.stat()
    second = GoldenWeights(tools.several_kinds(), path)
    assert path.stat().st_ino == made.st_ino
    second.writable()[0] ^= 1  # both map the same pages
    assert bytes_of(first) == bytes_of(second)


def test_without_a_store_the_copy_is_in_this_process_alone(tools) -> None:
    model = tools.several_kinds()
    first, second = GoldenWeights(model, None), GoldenWeights(model, None)
    assert bytes_of(first) == bytes_of(second)
    assert first.layout.checksums(first.data) == first.sums
    first.writable()[0] ^= 1
    assert bytes_of(first) != bytes_of(second)


def test_a_private_map_has_the_bytes_and_keeps_its_writes_to_itself(path, tools) -> None:
    golden = GoldenWeights(tools.several_kinds(), path)
    before = bytes_of(golden)
    one, other = golden.private(), golden.private()
    one[:] = 0xEE
    assert other.tobytes() == bytes_of(golden) == path.read_bytes() == before


def test_a_model_without_weights_has_a_golden_copy_too(path, tools) -> None:
    golden = GoldenWeights(tools.make_model({}, [('only', ())]), path)
    assert (golden.sums, golden.private().nbytes, path.stat().st_size) == ((), 1, 1)


def test_the_file_of_a_model_that_was_replaced_is_removed_and_nothing_else(tmp_path, tools) -> None:
    old = golden_path(tmp_path, 'old')
    kept = tmp_path / 'control'
    kept.write_bytes(b'x')
    first = GoldenWeights(tools.one_weight(), old)
    GoldenWeights(tools.several_kinds(), golden_path(tmp_path, 'new'))
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ['control', 'weights-new']
    # Who still maps it keeps it.
    assert first.layout.checksums(first.private()) == first.sums


# What may be at its place


def half_written(good: bytes) -> bytes:
    return good[: len(good) // 2] + bytes(len(good) - len(good) // 2)


def one_bit_off(good: bytes) -> bytes:
    return bytes([good[0] ^ 1]) + good[1:]


@pytest.mark.parametrize(
    'content',
    [
        half_written,
        one_bit_off,
        lambda good: good[:-1],
        lambda good: good + b'\0',
        lambda good: bytes(len(good)),
        lambda _: b'',
        lambda _: b'#!/bin/sh\n' * 500,
    ],
    ids=['half', 'one bit', 'short', 'long', 'zeros', 'empty', 'foreign'],
)
def test_what_is_not_exactly_the_weights_is_replaced_as_a_whole(path, tools, content) -> None:
    good = bytes_of(GoldenWeights(tools.several_kinds(), path))
    path.write_bytes(content(good))
    golden = GoldenWeights(tools.several_kinds(), path)
    assert path.read_bytes() == bytes_of(golden) == good
    assert golden.layout.checksums(golden.private()) == golden.sums
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_the_weights_of_another_model_under_the_name_are_replaced(path, tools) -> None:
    GoldenWeights(tools.one_weight('other'), path)
    golden = GoldenWeights(tools.several_kinds(), path)
    assert golden.layout.checksums(golden.data) == golden.sums


def test_a_link_is_not_followed_but_replaced(path, tmp_path, tools) -> None:
    elsewhere = tmp_path / 'elsewhere'
    elsewhere.write_bytes(b'mine')
    path.symlink_to(elsewhere)
    GoldenWeights(tools.one_weight(), path)
    assert not path.is_symlink()
    assert elsewhere.read_bytes() == b'mine'


def test_what_a_killed_process_of_this_pid_had_begun_is_in_nobodys_way(path, tools) -> None:
    begun = path.with_name(f'.{path.name}.{os.getpid()}')
    begun.write_bytes(b'half')
    golden = GoldenWeights(tools.one_weight(), path)
    assert not begun.exists()
    assert golden.layout.checksums(golden.data) == golden.sums


def test_those_who_map_the_file_are_not_disturbed_by_its_replacement(path, tools) -> None:
    first = GoldenWeights(tools.several_kinds(), path)
    mapped = first.private()
    good = bytes_of(first)
    path.write_bytes(one_bit_off(good))
    path.unlink()
    GoldenWeights(tools.several_kinds(), path)
    path.write_bytes(bytes(len(good)))  # of the new file only
    assert mapped.tobytes()[1:] == good[1:]


@pytest.fixture
def no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, 'posix_fallocate', full)


@pytest.mark.usefixtures('no_room')
def test_too_little_room_is_a_clear_error_and_leaves_nothing_behind(path, tools) -> None:
    with pytest.raises(StoreError, match='is too small for a checkpoint store of'):
        GoldenWeights(tools.several_kinds(), path)
    assert list(path.parent.iterdir()) == []


def test_a_store_with_weights_in_it_is_made_adopted_and_removed_as_any_other(
    tmp_path, tools
) -> None:
    folder = tmp_path / 'store'
    open_or_create(folder, ['a'], 2 * DATA)
    GoldenWeights(tools.make_model({}, [('only', ())]), golden_path(folder, 'one-byte'))
    # Others look through all files of the store for the processes that use it.
    open_or_create(folder, ['a'], 2 * DATA)
    assert sign_off(folder)
    assert not folder.exists()


def test_weights_that_look_like_a_nodes_file_are_not_taken_for_one(tmp_path, tools) -> None:
    folder = tmp_path / 'store'
    open_or_create(folder, ['a'], 2 * DATA)
    path = golden_path(folder, 'odd')
    path.write_bytes(struct.pack('<Q', MAGIC) + bytes(100))
    assert sign_off(folder)
    assert not folder.exists()


# Nothing is left behind


def open_descriptors() -> int:
    return len(list(Path('/proc/self/fd').iterdir()))


@pytest.mark.parametrize('stored', [True, False])
def test_a_golden_copy_that_is_gone_holds_no_descriptor(path, tools, stored: bool) -> None:
    model = tools.several_kinds()
    GoldenWeights(model, path if stored else None)
    gc.collect()
    before = open_descriptors()
    for _ in range(5):
        golden = GoldenWeights(model, path if stored else None)
        golden.private()[0] = 1
        del golden
    gc.collect()
    assert open_descriptors() == before


@pytest.mark.usefixtures('no_room')
def test_a_golden_copy_that_cannot_be_made_holds_no_descriptor(path, tools) -> None:
    model = tools.several_kinds()
    gc.collect()
    before = open_descriptors()
    for _ in range(5):
        with pytest.raises(StoreError):
            GoldenWeights(model, path)
    gc.collect()
    assert open_descriptors() == before


# Two processes


@dataclass
class Pages:
    """What the kernel says of this process's private maps of a file, in bytes."""

    anonymous: int
    resident: int


def private_pages(path: Path) -> Pages:
    """Add up, over the private maps of ``path``, what is resident and what was copied."""
    anonymous = resident = 0
    inside = False
    for line in Path('/proc/self/smaps').read_text().splitlines():
        first = line.split()
        if '-' in first[0] and ':' not in first[0]:
            inside = line.endswith(str(path)) and 'p' in first[1]
        elif inside and first[0] == 'Anonymous:':
            anonymous += int(first[1]) * 1024
        elif inside and first[0] == 'Rss:':
            resident += int(first[1]) * 1024
    return Pages(anonymous, resident)


@pytest.fixture
def in_another_process() -> Iterator[Callable[[Callable[[], object]], object]]:
    """Run a function in a forked process and return what it returned."""
    started: list[int] = []

    def run(work: Callable[[], object]) -> object:
        read, write = os.pipe()
        pid = os.fork()
        if pid == 0:
            signal.alarm(DEADLINE_S)
            status = 1
            try:
                os.write(write, json.dumps(work()).encode())
                status = 0
            finally:
                os._exit(status)
        started.append(pid)
        os.close(write)
        with os.fdopen(read) as answer:
            text = answer.read()
        started.remove(pid)
        assert os.waitpid(pid, 0)[1] == 0
        return json.loads(text)

    yield run
    for pid in started:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


@pytest.fixture
def many_pages(tools) -> Callable[[], object]:
    """Load a model whose weights fill many pages."""
    values = torch.arange(64 * 1024, dtype=torch.float32)
    return lambda: tools.make_model({'w': values.clone()}, [('only', ('w',))])


def test_two_nodes_compute_with_the_same_pages_until_one_of_them_writes(
    path, make_node, many_pages, in_another_process
) -> None:
    parent = make_node(many_pages, path=path)
    assert parent.intact()
    assert private_pages(path).anonymous == 0
    size = parent.golden.layout.nbytes
    page = os.sysconf('SC_PAGE_SIZE')

    def work() -> dict[str, object]:
        child = make_node(many_pages, path=path)
        told = {'intact': child.intact()}
        told['before'] = private_pages(path).anonymous
        told['resident'] = private_pages(path).resident
        child.damage('w', 5)
        told['after'] = private_pages(path).anonymous
        told['fault'] = str(child.guard.check_all())
        return told

    told = in_another_process(work)
    assert told['intact'] is True
    assert told['resident'] >= size  # it had computed with all of it
    assert (told['before'], told['after']) == (0, page)
    assert told['fault'] == 'checksum differs: w'
    # Neither the other node nor the file has seen the write.
    assert parent.intact()
    assert parent.guard.check_all() is None
    assert parent.golden.layout.checksums(np.fromfile(path, np.uint8)) == parent.golden.sums
    assert private_pages(path).anonymous == 0


def test_a_node_that_dies_leaves_the_file_to_the_others(
    path, make_node, many_pages, in_another_process
) -> None:
    def work() -> bool:
        child = make_node(many_pages, path=path)
        child.damage('w', 3)
        return child.intact()

    assert in_another_process(work) is False
    node = make_node(many_pages, path=path)
    assert node.intact()
    assert node.loads == []
    node.damage('w', 3)
    node.guard.reload()
    assert node.intact()


def test_who_only_reads_the_golden_copy_cannot_damage_it(path, tools) -> None:
    golden = GoldenWeights(tools.several_kinds(), path)
    with pytest.raises(ValueError, match='read-only'):
        golden.data[0] ^= 1
    golden.writable()[0] ^= 1
    assert golden.layout.checksums(golden.data) != golden.sums
