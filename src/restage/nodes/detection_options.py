# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The parameters of the detection node."""

from __future__ import annotations

from dataclasses import dataclass

from rclpy.node import Node

from restage.nodes.parameters import declare

# Boundaries checkpointed when none are named: the image, and two cuts that halve the rest.
DEFAULT_BOUNDARIES = ['image', 'backbone.1', 'backbone.3', 'neck']


@dataclass(frozen=True, kw_only=True)
class DetectionOptions:
    """What the parameters say; read anew at every configure."""

    model: str
    boundaries: tuple[str, ...]
    order_deadline_s: float
    queue_depth: int
    threads: int
    report_stages: bool
    reliability: str


def declare_all(node: Node) -> None:
    """Declare every parameter of the detection node."""
    declare(node, 'model', 'bundled', "'bundled', or a weights file (.safetensors)")
    declare(
        node,
        'checkpoint_boundaries',
        DEFAULT_BOUNDARIES,
        "stages behind which to checkpoint; 'image': the frame itself",
    )
    declare(
        node,
        'order_deadline_ms',
        20.0,
        'how long to wait for an order of the recovery node after an error, before this node '
        'retries once by itself',
        low=1.0,
        high=1000.0,
    )
    declare(
        node, 'queue_depth', 16, 'frames that may wait for the inference thread', low=1, high=256
    )
    declare(node, 'threads', 1, 'threads of one inference', low=1, high=64)
    declare(node, 'publish_stage_status', False, 'publish every stage on stage_status')
    declare(
        node,
        'reliability',
        'reliable',
        'of the image subscription: reliable or best_effort',
    )
    declare(
        node,
        'allow_fault_injection',
        False,
        'accept fault commands; for tests and demonstrations only',
        read_only=True,
    )
    declare(
        node,
        'autostart',
        False,
        'configure and activate by itself: a system without a recovery node',
        read_only=True,
    )


def read_options(node: Node) -> DetectionOptions:
    """Return the parameters as they are now."""

    def value(name: str) -> object:
        return node.get_parameter(name).value

    return DetectionOptions(
        model=str(value('model')),
        boundaries=tuple(node.get_parameter('checkpoint_boundaries').value or ()),
        order_deadline_s=node.get_parameter('order_deadline_ms').value / 1000.0,
        queue_depth=node.get_parameter('queue_depth').value,
        threads=node.get_parameter('threads').value,
        report_stages=bool(value('publish_stage_status')),
        reliability=str(value('reliability')),
    )


def boundary_indices(names: tuple[str, ...], stages: tuple[str, ...]) -> frozenset[int]:
    """
    Return the boundaries called ``names`` as stage indices, ``image`` as -1.

    :raises ValueError: for a name that is no stage, naming those accepted.
    """
    known = {'image': -1, **{name: index for index, name in enumerate(stages)}}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ValueError(
            f'checkpoint_boundaries {unknown} are no stages of this model; '
            f'accepted: {", ".join(known)}'
        )
    return frozenset(known[name] for name in names)
