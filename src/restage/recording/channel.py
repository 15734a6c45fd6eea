# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""One topic as it is recorded."""

from __future__ import annotations

from dataclasses import dataclass, field

Qos = dict[str, object]


@dataclass
class Channel:
    """
    A topic: its absolute name and its type.

    ``offered``: the QoS its publishers offered when its first message came, each as rosbag2's
    metadata has it. ``image``: dropped before anything else when the disk does not keep up.
    """

    topic: str
    msgtype: str
    offered: list[Qos] = field(default_factory=list)
    image: bool = False
