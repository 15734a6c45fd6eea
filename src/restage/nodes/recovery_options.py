# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The parameters of the recovery node."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rclpy.node import Node

from restage.checkpoint.control import NAME as CONTROL
from restage.nodes.parameters import cameras_of, declare, declare_cameras
from restage.recovery.breaker import SECOND, BreakerOptions
from restage.recovery.coordinator import CoordinatorOptions
from restage.recovery.policy import Policy
from restage.system import DETECTORS

# How often the recovery node looks around.
TICK_S = 0.1
# What rcl takes for the name of a node.
_NODE_NAME = re.compile(r'[A-Za-z_]\w*', re.ASCII)


@dataclass(frozen=True, kw_only=True)
class RecoveryOptions:
    """What the parameters say; read at configure."""

    detectors: list[str]
    store_bytes: int
    heartbeat_deadline_ticks: int
    coordinator: CoordinatorOptions


def declare_all(node: Node) -> None:
    """Declare every parameter of the recovery node."""
    declare(node, 'detectors', list(DETECTORS), 'names of the detection nodes, preferred first')
    declare_cameras(node)
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
        'heartbeat_deadline_ms',
        1000.0,
        'a detection node that sends no heartbeat for so long has hung between frames',
        low=300.0,
        high=60000.0,
    )
    declare(
        node,
        'max_attempts',
        2,
        'tries of one frame in one node, after the first, before the standby takes it over',
        low=0,
        high=10,
    )
    declare(
        node,
        'frame_budget_ms',
        300.0,
        'a frame whose recovery takes longer is dropped rather than late',
        low=1.0,
        high=60000.0,
    )
    declare(
        node,
        'breaker_failures',
        5,
        'failures of the primary within breaker_window_s after which health is no longer claimed '
        'and promotions are delayed',
        low=1,
        high=1000,
    )
    declare(node, 'breaker_window_s', 30.0, 'see breaker_failures', low=0.1, high=3600.0)
    declare(
        node,
        'recovery_policy',
        Policy.LADDER.value,
        f'{", ".join(policy.value for policy in Policy)}; all but the first are for comparison; '
        'can be changed while the node runs',
    )
    declare(node, 'autostart', True, 'configure and activate by itself', read_only=True)


def read_options(node: Node) -> RecoveryOptions:
    """
    Return the parameters as they are now.

    :raises ValueError: when a name in ``detectors`` is no node name, that of another file in the
        store, or appears twice, or the policy is unknown.
    """
    detectors = list(node.get_parameter('detectors').value or [])
    # Each has a file in the store, beside the control file.
    wrong = [name for name in detectors if not _NODE_NAME.fullmatch(name) or name == CONTROL]
    if wrong or not detectors or len(set(detectors)) != len(detectors):
        raise ValueError(
            f'detectors {detectors} is not accepted: give one or more different node names '
            f"(letters from A to Z, digits, underscores; no digit first; not '{CONTROL}')"
        )
    return RecoveryOptions(
        detectors=detectors,
        store_bytes=node.get_parameter('store_capacity_mb').value * 1024 * 1024,
        heartbeat_deadline_ticks=round(
            node.get_parameter('heartbeat_deadline_ms').value / 1000.0 / TICK_S
        ),
        coordinator=CoordinatorOptions(
            cameras=cameras_of(node),
            max_attempts=node.get_parameter('max_attempts').value,
            frame_budget_ns=round(node.get_parameter('frame_budget_ms').value * 1e6),
            policy=policy_called(str(node.get_parameter('recovery_policy').value)),
            breaker=BreakerOptions(
                failures=node.get_parameter('breaker_failures').value,
                window_ns=round(node.get_parameter('breaker_window_s').value * SECOND),
            ),
        ),
    )


def policy_called(name: str) -> Policy:
    """
    Return the policy of that name.

    :raises ValueError: when there is none, naming those accepted.
    """
    try:
        return Policy(name)
    except ValueError:
        accepted = ', '.join(policy.value for policy in Policy)
        raise ValueError(f"recovery_policy '{name}' is unknown; accepted: {accepted}") from None
