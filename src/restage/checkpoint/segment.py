# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A file of shared memory, mapped."""

from __future__ import annotations

import errno
import fcntl
import mmap
import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from restage.checkpoint.errors import StoreError

# Times, stamps and epochs are less; in a damaged file a word may be more, and fit into no message.
LARGEST = 2**63 - 1


def create_file(path: Path, size: int) -> None:
    """
    Make ``path`` with ``size`` bytes of reserved, zeroed shared memory, readable by its owner only.

    The memory is reserved at once: a full /dev/shm is an error here, not a SIGBUS later.

    :raises StoreError: when there is not enough room, or the file cannot be made.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        descriptor = os.open(path, flags, 0o600)
    except OSError as error:
        raise StoreError(f"cannot make the checkpoint store '{path}': {error.strerror}") from None
    try:
        os.posix_fallocate(descriptor, 0, size)
    except OSError as error:
        path.unlink()
        if error.errno != errno.ENOSPC:
            raise StoreError(f"cannot reserve '{path}': {error.strerror}") from None
        room = os.statvfs(path.parent)
        raise StoreError(
            f"'{path.parent}' is too small for a checkpoint store of {size} bytes: "
            f'{room.f_bavail * room.f_frsize} bytes are free. Enlarge it '
            '(docker: --shm-size) or lower store_capacity_mb'
        ) from None
    finally:
        os.close(descriptor)


def identity(path: Path) -> tuple[int, int] | None:
    """Return device and inode of ``path``: another file of its name has others; None: no file."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino


def map_file(path: Path, *, private: bool = False, held: bool = False) -> mmap.mmap:
    """
    Map the whole of ``path``, shared; ``private``: what is written stays in this mapping.

    ``held``: with a shared lock on the file (flock) for as long as the mapping lasts.

    Not with MAP_POPULATE: that would copy every page of a private mapping, 22 ms for 32 MiB,
    where reading 3 MB of it costs 49 page faults, 0.15 ms.

    :raises StoreError: when the file is missing, empty, no file, or belongs to another user.
    """
    access = os.O_RDONLY if private else os.O_RDWR
    try:
        descriptor = os.open(path, access | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError as error:
        raise StoreError(f"cannot open the checkpoint store '{path}': {error.strerror}") from None
    try:
        status = os.fstat(descriptor)
        if status.st_uid != os.getuid():
            raise StoreError(f"the checkpoint store '{path}' belongs to user {status.st_uid}")
        if status.st_size == 0:
            raise StoreError(f"the checkpoint store '{path}' is empty")
        if held:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        sharing = mmap.MAP_PRIVATE if private else mmap.MAP_SHARED
        return mmap.mmap(descriptor, status.st_size, flags=sharing)
    except OSError as error:  # a folder can be opened, but not mapped
        raise StoreError(f"cannot map the checkpoint store '{path}': {error.strerror}") from None
    finally:
        os.close(descriptor)


def words_of(memory: mmap.mmap, offset: int, count: int) -> NDArray[np.uint64]:
    """Return ``count`` 8-byte words of the map; storing to one is a single aligned store."""
    return np.frombuffer(memory, np.uint64, count, offset)
