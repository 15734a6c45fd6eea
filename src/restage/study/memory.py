# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Memory that an application manages by hand, through the process's own libc."""

from __future__ import annotations

import ctypes
import mmap
import resource
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.malloc.argtypes, LIBC.malloc.restype = [ctypes.c_size_t], ctypes.c_void_p
LIBC.free.argtypes, LIBC.free.restype = [ctypes.c_void_p], None
LIBC.mmap.argtypes = [
    ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long,
]  # fmt: skip
LIBC.mmap.restype = ctypes.c_void_p
LIBC.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]

_RING = 4
_BLOCKS = (4 << 20, 64 << 10, 4 << 10)


@dataclass(frozen=True)
class Memory:
    """``size`` bytes from ``address`` on."""

    address: int
    size: int


def allocate(size: int) -> int:
    """Return the address of ``size`` bytes of the heap, which nobody has written to."""
    return int(LIBC.malloc(size))


def allocate_pictures(picture: NDArray[Any], sizes: Iterable[int] = ()) -> None:
    """Go on as an application does: allocate ``sizes`` and a ring of pictures, and fill them."""
    for size in (*sizes, *[picture.nbytes] * _RING):
        ctypes.memmove(allocate(size), address_of(picture), min(size, picture.nbytes))


def map_pages(size: int) -> int:
    """Return the address of ``size`` bytes in pages of their own, as a camera driver's are."""
    flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
    return int(LIBC.mmap(None, size, mmap.PROT_READ | mmap.PROT_WRITE, flags, -1, 0))


def array_at(address: int, shape: tuple[int, ...], kind: Any = np.float32) -> NDArray[Any]:
    """Return a view of memory that nobody owns: what happens to it later is not noticed."""
    count = int(np.prod(shape))
    size = count * np.dtype(kind).itemsize
    raw = (ctypes.c_char * size).from_address(address)
    return np.frombuffer(raw, dtype=kind, count=count).reshape(shape)


def address_of(array: NDArray[Any]) -> int:
    """Return where the first element of ``array`` is."""
    return int(array.ctypes.data)


@contextmanager
def no_more_memory(extra: int = 0) -> Iterator[None]:
    """Hold the process to the address space that it has, and ``extra`` bytes."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path('/proc/self/statm').read_text(encoding='ascii').split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * mmap.PAGESIZE + extra, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def exhaust(blocks: list[int], most: int) -> None:
    """Allocate up to ``most`` bytes and write to them, in ever smaller blocks as they get rare."""
    taken = 0
    with suppress(MemoryError):  # Python's own: there is none left for the list either
        for size in _BLOCKS:
            while taken < most:
                block = LIBC.malloc(size)
                if not block:
                    break
                ctypes.memset(block, 0xA5, size)
                blocks.append(block)
                taken += size
