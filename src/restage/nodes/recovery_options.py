# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The parameters of the recovery node."""

from __future__ import annotations

from dataclasses import dataclass

from rclpy.node import Node

from restage.nodes.parameters import declare
from restage.system import DETECTORS

# How often the recovery node looks around.
TICK_S = 0.1


@dataclass(frozen=True, kw_only=True)
class RecoveryOptions:
    """What the parameters say; read at configure."""

    detectors: list[str]
    store_bytes: int
    stage_deadline_ns: int
    heartbeat_deadline_ticks: int
    max_attempts: int


def declare_all(node: Node) -> None:
    """Declare every parameter of the recovery node."""
    declare(node, 'detectors', list(DETECTORS), 'names of the detection nodes, preferred first')
    declare(
        node,
        'store_capacity_mb',
        32,
        'shared memory reserved for each detection node, MiB',
        low=1,
        high=4096,
    )
    declare(
        node,
        'stage_deadline_ms',
        250.0,
        'a stage that runs longer is a hang: its process is killed and the standby takes over',
        low=1.0,
        high=60000.0,
    )
    declare(
        node,
        'heartbeat_deadline_ms',
        1000.0,
        'a primary that sends no heartbeat for so long has hung between frames',
        low=300.0,
        high=60000.0,
    )
    declare(
        node,
        'max_attempts',
        2,
        'retries of one frame before it is given up',
        low=0,
        high=10,
    )
    declare(node, 'autostart', True, 'configure and activate by itself', read_only=True)


def read_options(node: Node) -> RecoveryOptions:
    """
    Return the parameters as they are now.

    :raises ValueError: when a name in ``detectors`` is no node name or appears twice.
    """
    detectors = list(node.get_parameter('detectors').value or [])
    wrong = [name for name in detectors if not name.isidentifier()]
    if wrong or not detectors or len(set(detectors)) != len(detectors):
        raise ValueError(
            f'detectors {detectors} is not accepted: give one or more different node names '
            '(letters, digits, underscores)'
        )
    return RecoveryOptions(
        detectors=detectors,
        store_bytes=node.get_parameter('store_capacity_mb').value * 1024 * 1024,
        stage_deadline_ns=int(node.get_parameter('stage_deadline_ms').value * 1e6),
        heartbeat_deadline_ticks=round(
            node.get_parameter('heartbeat_deadline_ms').value / 1000.0 / TICK_S
        ),
        max_attempts=node.get_parameter('max_attempts').value,
    )
