# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The name of a thread outside Python: in /proc, ``top -H`` and ``perf``."""

from __future__ import annotations

import ctypes

_PR_SET_NAME = 15
LONGEST = 15


def name_thread(name: str) -> None:
    """
    Name the calling thread, for the kernel; at most ``LONGEST`` bytes of it. Source: prctl(2).

    Python itself does so from version 3.14 on only.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_NAME, ctypes.c_char_p(name.encode()[:LONGEST]), 0, 0, 0)
