# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The environment the nodes run in."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from pathlib import Path

from restage.config import config_folder

# Whoever has set one of these has chosen the transports already.
CHOICES = (
    'FASTDDS_BUILTIN_TRANSPORTS',
    'FASTDDS_DEFAULT_PROFILES_FILE',
    'FASTRTPS_DEFAULT_PROFILES_FILE',
)
FAST_DDS_2 = ('humble', 'iron', 'jazzy')


def transport_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """
    Return the variables that make Fast DDS carry camera images without loss.

    Its default transports lose every 1280 x 720 best-effort image between two processes, and
    about one reliable 640 x 384 image in a hundred on a busy machine: the shared-memory segment
    holds less than one. Empty where ``environment`` chooses itself.
    """
    if any(name in environment for name in CHOICES):
        return {}
    # Fast DDS 2 knows only the older name; Fast DDS 3 warns about it.
    older = environment.get('ROS_DISTRO') in FAST_DDS_2
    name = 'FASTRTPS_DEFAULT_PROFILES_FILE' if older else 'FASTDDS_DEFAULT_PROFILES_FILE'
    return {name: str(config_folder() / 'fastdds.xml')}


def node_environment(domain: int, log_folder: Path) -> dict[str, str]:
    """Return the environment of a node in ROS domain ``domain``, logging to ``log_folder``."""
    environment = dict(os.environ)
    environment.update(transport_environment(environment))
    environment.update(
        ROS_DOMAIN_ID=str(domain),
        ROS_LOG_DIR=str(log_folder),
        RCUTILS_COLORIZED_OUTPUT='0',
        PYTHONUNBUFFERED='1',
        OMP_NUM_THREADS='1',
    )
    return environment


if __name__ == '__main__':  # for a shell to evaluate
    for name, value in transport_environment(os.environ).items():
        print(f'export {name}={shlex.quote(value)}')
