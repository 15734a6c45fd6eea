# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Whether a store is of another container that shares this one's memory, and still used there."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from restage.checkpoint.control import NAME, Control
from restage.checkpoint.errors import StoreError
from restage.checkpoint.host import has_other_processes


def is_elsewhere(folder: Path) -> bool:
    """Return whether the process ids in the store are those of another container."""
    try:
        return has_other_processes(Control(folder).host)
    except StoreError:
        return False


def is_used(folder: Path) -> bool:
    """
    Return whether any process has the control file mapped, here or in another container.

    Each holds a lock on it for as long as its mapping lasts. Source: flock(2).
    """
    try:
        descriptor = os.open(folder / NAME, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
