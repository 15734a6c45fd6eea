# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""``mem.leak`` and ``mem.oom``: memory that is taken for real."""

from __future__ import annotations

import ctypes
import os
import resource
import time
from pathlib import Path

from restage.faults.effects.end import LIBC
from restage.faults.effects.shot import NotThisTimeError, Shot
from restage.faults.enums import Persistence
from restage.faults.errors import FaultError

MIB = 2**20
# What is taken from the heap, in blocks that halve: less than the last no allocation of use needs.
LARGEST_BLOCK = 64 * MIB
SMALLEST_BLOCK = 4 * 1024

LIBC.malloc.argtypes = [ctypes.c_size_t]
LIBC.malloc.restype = ctypes.c_void_p


def leak(shot: Shot) -> None:
    """
    Allocate ``mib`` MiB and forget them.

    :raises FaultError: when there is not so much memory.
    """
    size = shot.integer('mib') * MIB
    now = time.monotonic_ns()
    block = LIBC.malloc(size)
    if not block:
        raise FaultError(f'no {shot.integer("mib")} MiB left to leak')
    # First: the pages may take so long to get that the process is killed for it.
    shot.report(f'{shot.integer("mib")} MiB', now)
    ctypes.memset(block, 1, size)  # only what is written to takes memory


def take_all(shot: Shot) -> None:
    """
    Leave the process no memory to allocate: until the frame ends, or for good if permanent.

    :raises NotThisTimeError: when it has none already.
    """
    if 'limits' in shot.memory:
        raise NotThisTimeError
    limits = resource.getrlimit(resource.RLIMIT_AS)
    shot.memory['limits'] = limits
    blocks: list[int] = []
    pages = int(Path('/proc/self/statm').read_text(encoding='ascii').split()[0])
    size = pages * os.sysconf('SC_PAGE_SIZE')
    now = time.monotonic_ns()
    shot.report(f'{size / MIB:.0f} MiB of address space, and no more', now)

    def undo() -> None:
        # First, and without a new object: nothing can be allocated before.
        resource.setrlimit(resource.RLIMIT_AS, limits)
        for block in blocks:
            LIBC.free(block)
        del shot.memory['limits']

    if shot.fault.persistence is not Persistence.PERMANENT:
        shot.undo.append(undo)
    resource.setrlimit(resource.RLIMIT_AS, (min(size, _number(limits[1])), limits[1]))
    block_size = LARGEST_BLOCK
    while block_size >= SMALLEST_BLOCK:
        block = LIBC.malloc(block_size)
        if block:
            blocks.append(block)
        else:
            block_size //= 2


def _number(limit: int) -> int:
    return 2**62 if limit == resource.RLIM_INFINITY else limit
