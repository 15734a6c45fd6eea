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
import threading
import time
from enum import Enum, auto

# More than sizeof(pthread_mutex_t) on every Linux architecture (40 on x86-64, 48 on aarch64).
MUTEX_BYTES = 64
_ATTRIBUTE_BYTES = 16
_PROCESS_SHARED = 1
_ROBUST = 1

# What this process holds, by (device, inode), and which thread of it: the C library keeps a list
# that points into the mapping, which therefore must never go away, nor be made anew while it is on
# the list.
_held: dict[tuple[int, int], tuple[DeathLock, int]] = {}

_libc = ctypes.CDLL(ctypes.util.find_library('c'), use_errno=True)
# glibc 2.30 or later.
_clocklock = getattr(_libc, 'pthread_mutex_clocklock', None)


class _Timespec(ctypes.Structure):
    _fields_ = (('tv_sec', ctypes.c_long), ('tv_nsec', ctypes.c_long))


class Holder(Enum):
    """What became of the holder of a death lock while it was waited for."""

    DEAD = auto()
    # It has let go of the lock in good order, or there never was one.
    NOBODY = auto()
    HOLDS = auto()


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

        What the thread holds of the same file already it goes on holding: let go of for an instant,
        it would be taken by who waits for its death, and made anew under that one's hands.

        :raises OSError: when the C library refuses.
        """
        thread = threading.get_native_id()
        if self._file in _held:
            if _held[self._file][1] == thread:
                return
            self.release()
        attributes = ctypes.create_string_buffer(_ATTRIBUTE_BYTES)
        _check(_libc.pthread_mutexattr_init(attributes))
        _check(_libc.pthread_mutexattr_setpshared(attributes, _PROCESS_SHARED))
        _check(_libc.pthread_mutexattr_setrobust(attributes, _ROBUST))
        ctypes.memset(self._memory, 0, MUTEX_BYTES)
        _check(_libc.pthread_mutex_init(self._mutex, attributes))
        _check(_libc.pthread_mutex_lock(self._mutex))
        _held[self._file] = self, thread

    def release(self) -> None:
        """Unlock it: an orderly end is no death."""
        mine = _held.pop(self._file, None)
        if mine is not None:
            _libc.pthread_mutex_unlock(mine[0]._mutex)

    def wait_for_death(self, timeout_s: float) -> Holder:
        """
        Wait until the holder dies or lets go, at most about ``timeout_s``.

        After an orderly release it returns at once, and the mutex is free again.
        """
        result = self._lock_within(timeout_s)
        if result == errno.ETIMEDOUT:
            return Holder.HOLDS
        if result == errno.ENOTRECOVERABLE:  # somebody else who waited was faster
            return Holder.DEAD
        if result in (0, errno.EOWNERDEAD):
            # Not made consistent: it stays useless until the next holder makes it anew.
            _libc.pthread_mutex_unlock(self._mutex)
        return Holder.DEAD if result == errno.EOWNERDEAD else Holder.NOBODY

    def _lock_within(self, timeout_s: float) -> int:
        """Try to lock it; return the C library's answer."""
        if _clocklock is not None:
            until = _timespec(time.monotonic_ns(), timeout_s)
            return int(_clocklock(self._mutex, time.CLOCK_MONOTONIC, ctypes.byref(until)))
        # On CLOCK_REALTIME: who sets the clock makes the wait shorter or longer.
        until = _timespec(time.time_ns(), timeout_s)
        return int(_libc.pthread_mutex_timedlock(self._mutex, ctypes.byref(until)))


def _timespec(now_ns: int, later_s: float) -> _Timespec:
    return _Timespec(*divmod(now_ns + round(later_s * 1e9), 10**9))


def _check(result: int) -> None:
    if result != 0:
        raise OSError(result, f'pthread: {errno.errorcode.get(result, result)}')
