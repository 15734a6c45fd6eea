# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The environment the nodes run in."""

from __future__ import annotations

import os
from pathlib import Path

# Fast DDS's default transports lose every 1280 x 720 best-effort image between two processes.
TRANSPORTS = 'LARGE_DATA'


def node_environment(domain: int, log_folder: Path) -> dict[str, str]:
    """Return the environment of a node in ROS domain ``domain``, logging to ``log_folder``."""
    environment = dict(os.environ)
    environment.update(
        ROS_DOMAIN_ID=str(domain),
        ROS_LOG_DIR=str(log_folder),
        RCUTILS_COLORIZED_OUTPUT='0',
        PYTHONUNBUFFERED='1',
        OMP_NUM_THREADS='1',
    )
    environment.setdefault('ROS_AUTOMATIC_DISCOVERY_RANGE', 'LOCALHOST')
    if 'FASTRTPS_DEFAULT_PROFILES_FILE' not in environment:
        environment.setdefault('FASTDDS_BUILTIN_TRANSPORTS', TRANSPORTS)
    return environment
