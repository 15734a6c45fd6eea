# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Quality of service of every topic, in one place."""

from __future__ import annotations

from rclpy.duration import Duration
from rclpy.qos import (
    DurabilityPolicy,
    HistoryPolicy,
    LivelinessPolicy,
    QoSProfile,
    ReliabilityPolicy,
    qos_profile_sensor_data,
)

RELIABILITIES = ('reliable', 'best_effort')


def image_qos(reliability: str, depth: int = 10) -> QoSProfile:
    """
    Return the profile of image topics: SensorDataQoS, with the reliability asked for.

    :raises ValueError: for an unknown reliability, naming those accepted.
    """
    if reliability not in RELIABILITIES:
        raise ValueError(
            f"reliability '{reliability}' is unknown; accepted: {', '.join(RELIABILITIES)}"
        )
    return QoSProfile(
        history=HistoryPolicy.KEEP_LAST,
        depth=depth,
        reliability=ReliabilityPolicy.RELIABLE
        if reliability == 'reliable'
        else qos_profile_sensor_data.reliability,
        durability=DurabilityPolicy.VOLATILE,
    )


# Every message counts: detections, commands, events, the camera info that numbers the frames.
EVENTS = QoSProfile(
    history=HistoryPolicy.KEEP_LAST,
    depth=100,
    reliability=ReliabilityPolicy.RELIABLE,
    durability=DurabilityPolicy.VOLATILE,
)

# DDS itself tells when a node is not heard of for so long: also of one on another host.
HEARTBEAT = QoSProfile(
    history=HistoryPolicy.KEEP_LAST,
    depth=100,
    reliability=ReliabilityPolicy.RELIABLE,
    durability=DurabilityPolicy.VOLATILE,
    liveliness=LivelinessPolicy.AUTOMATIC,
    liveliness_lease_duration=Duration(seconds=1),
)

# What a late subscriber must still get: labels, the record of recoveries.
LATCHED = QoSProfile(
    history=HistoryPolicy.KEEP_LAST,
    depth=100,
    reliability=ReliabilityPolicy.RELIABLE,
    durability=DurabilityPolicy.TRANSIENT_LOCAL,
)
