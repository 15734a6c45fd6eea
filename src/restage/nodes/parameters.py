# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Declare parameters with descriptors, and read them back checked."""

from __future__ import annotations

from typing import Any

from rcl_interfaces.msg import FloatingPointRange, IntegerRange, ParameterDescriptor
from rclpy.node import Node

from restage.cameras import Cameras


def declare_cameras(node: Node) -> None:
    """Declare the parameter that detection and recovery node share."""
    declare(
        node,
        'cameras',
        [''],
        'names of the cameras; NAME/image_raw and NAME/detections are the topics of each. One '
        'empty name: one camera at image_raw',
    )


def cameras_of(node: Node) -> Cameras:
    """
    Return the cameras that the parameter names.

    :raises ValueError: when they cannot be names of cameras.
    """
    return Cameras.called(node.get_parameter('cameras').value or [])


def declare(
    node: Node,
    name: str,
    default: Any,
    description: str,
    *,
    low: float | None = None,
    high: float | None = None,
    read_only: bool = False,
) -> Any:
    """
    Declare a parameter of ``node`` and return its value.

    ROS itself refuses a value of another type or outside ``low`` .. ``high``, at start and later.
    """
    descriptor = ParameterDescriptor(description=description, read_only=read_only)
    if low is not None and high is not None:
        if isinstance(default, int):
            descriptor.integer_range = [IntegerRange(from_value=int(low), to_value=int(high))]
        else:
            descriptor.floating_point_range = [
                FloatingPointRange(from_value=float(low), to_value=float(high))
            ]
    return node.declare_parameter(name, default, descriptor).value
