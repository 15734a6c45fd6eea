# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A lock that the kernel gives away the moment its holder's process begins to die.

A pidfd reports a death when the process is all gone: for one with PyTorch loaded that is 20 to
50 ms after the signal, spent on giving its memory back. A robust mutex is handed on first, before
any memory is touched. Source: pthread_mutexattr_setrobust(3); kernel, robust-futexes.rst.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import errno
import mmap
import time

# More than sizeof(pthread_mutex_t) on every Linux architecture (40 on x86-64, 48 on aarch64).
MUTEX_BYTES = 64
_ATTRIBUTE_BYTES = 16
_PROCESS_SHARED = 1
_ROBUST = 1

# What this process holds, by (device, inode): the C library keeps a list of it that points into
# the mapping, which therefore must never go away, nor be made anew while it is on the list.
_held: dict[tuple[int, int], DeathLock] = {}

_libc = ctypes.CDLL(ctypes.util.find_library('c'), use_errno=True)


class _Timespec(ctypes.Structure):
    _fields_ = (('tv_sec', ctypes.c_long), ('tv_nsec', ctypes.c_long))


class DeathLock:
    """A robust, process-shared mutex at ``offset`` of a shared mapping."""

    def __init__(self, memory: mmap.mmap, offset: int, file: tuple[int, int] = (0, 0)) -> None:
        """Use the mutex there; ``file``: device and inode that ``memory`` maps."""
        self._file = file
        self._memory = (ctypes.c_char * MUTEX_BYTES).from_buffer(memory, offset)
        self._mutex = ctypes.byref(self._memory)

    def hold(self) -> None:
        """
        Make the mutex anew and lock it, for as long as the calling thread lives.

        What this process held of the same file before is released first.

        :raises OSError: when the C library refuses.
        """
        if self._file in _held:
            _held[self._file].release()
        attributes = ctypes.create_string_buffer(_ATTRIBUTE_BYTES)
        _check(_libc.pthread_mutexattr_init(attributes))
        _check(_libc.pthread_mutexattr_setpshared(attributes, _PROCESS_SHARED))
        _check(_libc.pthread_mutexattr_setrobust(attributes, _ROBUST))
        ctypes.memset(self._memory, 0, MUTEX_BYTES)
        _check(_libc.pthread_mutex_init(self._mutex, attributes))
        _check(_libc.pthread_mutex_lock(self._mutex))
        _held[self._file] = self

    def release(self) -> None:
        """Unlock it: an orderly end is no death."""
        mine = _held.pop(self._file, None)
        if mine is not None:
            _libc.pthread_mutex_unlock(mine._mutex)

    def wait_for_death(self, timeout_s: float) -> bool:
        """
        Wait until the holder dies, at most ``timeout_s``; return whether it did.

        After an orderly release it returns False at once, and the mutex is free again.
        """
        # pthread_mutex_timedlock counts on CLOCK_REALTIME.
        end = time.time() + timeout_s
        until = _Timespec(int(end), int(end % 1 * 1e9))
        result = _libc.pthread_mutex_timedlock(self._mutex, ctypes.byref(until))
        if result == errno.EOWNERDEAD:
            # Not made consistent: it stays useless until the next holder makes it anew.
            _libc.pthread_mutex_unlock(self._mutex)
            return True
        if result == 0:
            _libc.pthread_mutex_unlock(self._mutex)
        return False


def _check(result: int) -> None:
    if result != 0:
        raise OSError(result, f'pthread: {errno.errorcode.get(result, result)}')
