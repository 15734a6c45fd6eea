# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""
Start the camera, both detectors, the recovery node and, where allowed, the injector.

The recovery node is the lifecycle manager of the detectors and brings the system up by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from restage.launch_description import system_launch_description

if TYPE_CHECKING:
    from launch.launch_description import LaunchDescription


def generate_launch_description() -> LaunchDescription:
    """Return the system with one launch argument for each option."""
    return system_launch_description()
