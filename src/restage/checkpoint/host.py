# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Where a process id means something."""

from __future__ import annotations

import os
from pathlib import Path


def _host() -> str:
    """Return a name of this boot of this host, and of this container's process ids on it."""
    boot = Path('/proc/sys/kernel/random/boot_id').read_text().strip()
    return f'{boot}/{os.readlink("/proc/self/ns/pid")}/{os.readlink("/proc/self/ns/net")}'  # noqa: PTH115


HOST = _host()


def has_other_processes(host: str) -> bool:
    """Return whether ``host``, named as HOST is, has process ids that mean nothing here."""
    return bool(host) and host.split('/')[:2] != HOST.split('/')[:2]
