# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What each process has: memory, threads, file descriptors; and what lies in /dev/shm."""

from __future__ import annotations

import os
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from restage.checkpoint.folder import SHARED_MEMORY
from restage.harness.dds_leftovers import segments_of

MIB = 2**20
# What may be added in an hour, by quantity; more is a leak.
LIMITS = {'rss_mib': 64.0, 'threads': 6.0, 'fds': 12.0, 'shm_files': 12.0, 'shm_mib': 32.0}


@dataclass(frozen=True)
class Use:
    """What a process has at one moment; memory that is resident, in MiB."""

    rss_mib: float
    threads: float
    fds: float


@dataclass(frozen=True)
class SharedMemory:
    """What lies in /dev/shm of this system: its stores, and segments of DDS."""

    shm_files: float
    shm_mib: float


def use_of(pid: int) -> Use | None:
    """Return what process ``pid`` has; None when it is gone, or going."""
    process = Path(f'/proc/{pid}')
    try:
        text = (process / 'status').read_text()
        fds = len(os.listdir(process / 'fd'))  # noqa: PTH208 - counts without making paths
    except OSError:
        return None
    found = dict(line.split(':', 1) for line in text.splitlines() if ':' in line)
    if 'VmRSS' not in found:
        return None
    return Use(int(found['VmRSS'].split()[0]) / 1024, int(found['Threads']), fds)


def shared_memory(domain: int, pids: Iterable[int]) -> SharedMemory:
    """Return what the system in ROS domain ``domain`` with these processes has there."""
    paths = {path for folder in stores(domain) for path in folder.rglob('*')}
    for pid in pids:
        paths |= {Path(segment) for segment in segments_of(pid)}
    sizes = []
    for path in paths:
        try:
            sizes.append(path.stat().st_size)
        except OSError:
            continue
    return SharedMemory(len(sizes), sum(sizes) / MIB)


def stores(domain: int) -> list[Path]:
    """Return the folders of checkpoint stores of this user in ROS domain ``domain``."""
    return sorted(SHARED_MEMORY.glob(f'restage-{os.getuid()}-{domain}-*'))


def medians(samples: Sequence[Use | SharedMemory]) -> Mapping[str, float]:
    """Return the median of each quantity."""
    names = [one.name for one in fields(samples[0])]
    return {name: statistics.median(getattr(one, name) for one in samples) for name in names}
