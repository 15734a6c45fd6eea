# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Check, before anything is installed, that this machine can be set up."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import sys

PYTHONS = ((3, 10), (3, 13))
TOOLS = {'gcc': 'gcc', 'g++': 'g++', 'cmake': 'cmake', 'make': 'make'}


def has_ros() -> bool:
    """Return whether a ROS 2 installation is sourced in this shell."""
    return bool(os.environ.get('ROS_DISTRO')) and importlib.util.find_spec('rclpy') is not None


def problems() -> list[str]:
    """Return what is missing, each with the command that mends it."""
    found = []
    packages = [package for tool, package in TOOLS.items() if shutil.which(tool) is None]
    if importlib.util.find_spec('ensurepip') is None:
        packages.append('python3-venv')
    if not has_ros():
        header = os.path.join(sys.base_prefix, 'include')  # noqa: PTH118 - read before any import
        major, minor = sys.version_info[:2]
        candidates = (
            f'{header}/python{major}.{minor}/Python.h',
            f'/usr/include/python{major}.{minor}/Python.h',
        )
        if not any(os.path.exists(path) for path in candidates):  # noqa: PTH110
            packages.append('python3-dev')
    if packages:
        found.append(
            f'missing: {", ".join(packages)}. Install with: '
            f'sudo apt-get update && sudo apt-get install -y {" ".join(packages)}'
        )
    low, high = PYTHONS
    if not low <= sys.version_info[:2] <= high:
        found.append(
            f'Python {platform.python_version()} is not supported; accepted: '
            f'{low[0]}.{low[1]} to {high[0]}.{high[1]}. '
            'Choose one with: make setup PYTHON=python3.11'
        )
    if not has_ros() and platform.machine() != 'x86_64':
        found.append(
            f'no ROS 2 wheels exist for {platform.machine()}: install ROS 2 (Jazzy or Kilted), '
            'source its setup.bash and run make setup again'
        )
    return found
