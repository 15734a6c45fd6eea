# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A store is reserved in full or not made at all."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from restage.checkpoint.errors import StoreError
from restage.checkpoint.segment import create_file, map_file

MIB = 1024 * 1024
SMALL = """
import os, sys
from pathlib import Path
from restage.checkpoint.errors import StoreError
from restage.checkpoint.folder import open_or_create
folder = Path(sys.argv[1]) / 'store'
try:
    open_or_create(folder, ['a', 'b'], 1048576)
except StoreError as error:
    print(error)
print(sorted(os.listdir(folder)))
"""


def test_a_shared_memory_too_small_is_refused_with_what_is_free(tmp_path: Path) -> None:
    """On a file system of 1.5 MiB that only the child of this test sees."""
    unshare = shutil.which('unshare')
    if unshare is None:
        pytest.skip('no unshare(1) on this machine')
    spaces = [unshare, '--mount'] if os.getuid() == 0 else [unshare, '--mount', '--map-root-user']
    mount = f'mount -t tmpfs -o size=1536k none {tmp_path}'
    if subprocess.run([*spaces, 'sh', '-c', mount], capture_output=True).returncode:
        pytest.skip('this machine does not permit to mount a file system')
    done = subprocess.run(
        [*spaces, 'sh', '-c', f'{mount} && exec "$@"', '-', sys.executable, '-c', SMALL, tmp_path],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    message, left = done.stdout.splitlines()
    assert f"'{tmp_path}/store' is too small for a checkpoint store of {MIB} bytes" in message
    free = int(message.split(' bytes are free')[0].split(': ')[-1])
    assert 0 < free < MIB
    assert 'docker: --shm-size' in message
    assert 'store_capacity_mb' in message
    # The first file had room, the second had not, and nothing of it is left.
    assert left == "['a', 'control']"


def test_no_room_is_said_so_and_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int, offset: int, size: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, 'posix_fallocate', full)
    with pytest.raises(StoreError, match=rf'too small for a checkpoint store of {MIB} bytes'):
        create_file(tmp_path / 'node', MIB)
    assert list(tmp_path.iterdir()) == []


def test_another_limit_than_the_room_is_called_by_its_name(tmp_path: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (MIB // 2, limits[1]))
    try:
        with pytest.raises(StoreError, match=r"cannot reserve '.*node': File too large"):
            create_file(tmp_path / 'node', MIB)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert list(tmp_path.iterdir()) == []


def test_all_of_a_file_is_reserved_at_once(tmp_path: Path) -> None:
    create_file(tmp_path / 'node', MIB + 5)
    status = (tmp_path / 'node').stat()
    assert status.st_size == MIB + 5
    assert status.st_blocks * 512 >= MIB + 5


def test_a_file_that_exists_is_not_made_again_nor_is_a_link_followed(tmp_path: Path) -> None:
    create_file(tmp_path / 'node', 4096)
    (tmp_path / 'link').symlink_to(tmp_path / 'node')
    for name in ('node', 'link'):
        with pytest.raises(StoreError, match='cannot make the checkpoint store'):
            create_file(tmp_path / name, 4096)
    with pytest.raises(StoreError, match='cannot open the checkpoint store'):
        map_file(tmp_path / 'link')


@pytest.mark.parametrize('private', [False, True])
def test_only_a_private_mapping_keeps_what_is_written_to_itself(
    tmp_path: Path, private: bool
) -> None:
    create_file(tmp_path / 'node', 4096)
    map_file(tmp_path / 'node', private=private)[0:3] = b'abc'
    expected = bytes(3) if private else b'abc'
    assert (tmp_path / 'node').read_bytes()[:3] == expected
