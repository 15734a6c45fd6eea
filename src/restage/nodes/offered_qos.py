# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The QoS that publishers offer, as rosbag2 writes it down."""

from __future__ import annotations

from typing import Any

from rclpy.duration import Duration
from rclpy.node import Node
from rclpy.qos import QoSProfile, ReliabilityPolicy


def offered_qos(node: Node, topic: str) -> list[dict[str, object]]:
    """Return what each publisher of a topic offers now."""
    return [_entry(info.qos_profile) for info in node.get_publishers_info_by_topic(topic)]


def any_best_effort(node: Node, topic: str) -> bool:
    """Return whether a topic has a publisher that a reliable subscription hears nothing from."""
    return any(
        info.qos_profile.reliability == ReliabilityPolicy.BEST_EFFORT
        for info in node.get_publishers_info_by_topic(topic)
    )


def _entry(qos: QoSProfile) -> dict[str, object]:
    def name(policy: Any) -> str:
        return str(policy.name).lower()

    return {
        'history': name(qos.history),
        'depth': int(qos.depth),
        'reliability': name(qos.reliability),
        'durability': name(qos.durability),
        'deadline': _time(qos.deadline),
        'lifespan': _time(qos.lifespan),
        'liveliness': name(qos.liveliness),
        'liveliness_lease_duration': _time(qos.liveliness_lease_duration),
        'avoid_ros_namespace_conventions': bool(qos.avoid_ros_namespace_conventions),
    }


def _time(duration: Duration) -> dict[str, int]:
    sec, nsec = divmod(int(duration.nanoseconds), 1_000_000_000)
    return {'sec': sec, 'nsec': nsec}
