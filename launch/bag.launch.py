# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Start the system of ``restage.launch.py`` on the images of a rosbag2 bag."""

from __future__ import annotations

from pathlib import Path

from launch.actions import DeclareLaunchArgument, IncludeLaunchDescription
from launch.launch_description import LaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import LaunchConfiguration


def generate_launch_description() -> LaunchDescription:
    """Return the system with a bag in place of the camera."""
    system = Path(__file__).with_name('restage.launch.py')
    return LaunchDescription(
        [
            DeclareLaunchArgument('bag', description='Folder of the rosbag2 bag to read'),
            DeclareLaunchArgument(
                'loop',
                default_value='false',
                description='Start the bag again at its end (true or false)',
            ),
            IncludeLaunchDescription(
                PythonLaunchDescriptionSource(str(system)),
                launch_arguments={
                    'source': LaunchConfiguration('bag'),
                    'loop': LaunchConfiguration('loop'),
                }.items(),
            ),
        ]
    )
