# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import mmap
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from restage.harness.dds_leftovers import remove_unused, segments_of

MAP = """
import mmap, sys
with open(sys.argv[1], 'r+b') as file:
    memory = mmap.mmap(file.fileno(), 4096)
print('mapped', flush=True)
sys.stdin.read()
"""


def make(path: Path) -> Path:
    path.write_bytes(bytes(4096))
    return path


@pytest.fixture
def segment() -> Iterator[Path]:
    """A segment named as Fast DDS names them, and its lock file beside it."""
    path = make(Path(f'/dev/shm/fastrtps_{uuid.uuid4().hex[:16]}'))
    lock = make(path.with_name(f'{path.name}_el'))
    yield path
    path.unlink(missing_ok=True)
    lock.unlink(missing_ok=True)


def test_the_segments_of_a_process_are_those_it_has_mapped(segment: Path) -> None:
    assert str(segment) not in segments_of(os.getpid())
    with segment.open('r+b') as file, mmap.mmap(file.fileno(), 4096):
        assert str(segment) in segments_of(os.getpid())


def test_other_shared_memory_is_none_of_fast_dds(tmp_path: Path) -> None:
    path = make(Path(f'/dev/shm/restage-test-{uuid.uuid4().hex}'))
    try:
        with path.open('r+b') as file, mmap.mmap(file.fileno(), 4096):
            assert str(path) not in segments_of(os.getpid())
    finally:
        path.unlink()


def test_a_process_that_is_gone_has_no_segments() -> None:
    process = subprocess.Popen([sys.executable, '-c', ''])
    process.wait()
    assert segments_of(process.pid) == set()


def test_a_segment_is_kept_while_somebody_maps_it_and_removed_with_its_lock_after_a_kill(
    segment: Path,
) -> None:
    user = subprocess.Popen(
        [sys.executable, '-c', MAP, str(segment)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert user.stdout is not None
    assert user.stdout.readline() == 'mapped\n'
    try:
        segments = segments_of(user.pid)
        assert segments == {str(segment)}
        assert remove_unused(segments) == []
        assert segment.exists()
    finally:
        user.kill()
        user.communicate()
    assert remove_unused(segments) == [segment.name, f'{segment.name}_el']
    assert not segment.exists()
    assert remove_unused(segments) == []
