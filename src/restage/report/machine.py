# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The machine and the software a result was measured with."""

from __future__ import annotations

import os
import platform
import sys
from importlib import metadata
from pathlib import Path

PACKAGES = (
    'restage', 'torch', 'onnxruntime', 'numpy', 'rclpy', 'opencv-python-headless', 'xxhash',
)  # fmt: skip


def machine() -> dict[str, object]:
    """Return what the figures depend on: processor, cores, memory, kernel."""
    processor = platform.processor() or platform.machine()
    cpuinfo = Path('/proc/cpuinfo')
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith('model name'):
                processor = line.split(':', 1)[1].strip()
                break
    pages = os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE')
    return {
        'processor': processor,
        'cores': len(os.sched_getaffinity(0)),
        'memory_gib': round(pages / 2**30, 1),
        'kernel': platform.release(),
        'load_average': round(os.getloadavg()[0], 2),
    }


def versions() -> dict[str, str]:
    """Return the versions of what the system is made of."""
    found = {'python': sys.version.split()[0], 'ros_distro': os.environ.get('ROS_DISTRO', 'wheels')}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found
