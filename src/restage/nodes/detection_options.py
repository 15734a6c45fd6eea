# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The parameters of the detection node."""

from __future__ import annotations

from dataclasses import dataclass

from rclpy.node import Node

from restage.cameras import Cameras
from restage.nodes.boundaries import AUTO
from restage.nodes.parameters import cameras_of, declare, declare_cameras

RANGE_ACTIONS = ('retry', 'clip')

_AS_THEY_ARE = (
    'device',
    'stage_deadline_ms',
    'stage_deadline_floor_ms',
    'stage_deadline_factor',
    'weight_check_ms',
    'shadow_cpu_percent',
    'range_margin',
    'range_action',
    'plausibility',
    'calibration',
)


@dataclass(frozen=True, kw_only=True)
class DetectionOptions:
    """What the parameters say; read anew at every configure."""

    model: str
    cameras: Cameras
    device: str
    boundaries: tuple[str, ...]
    plan: str
    order_deadline_s: float
    image_deadline_s: float
    queue_depth: int
    threads: int
    report_every: int
    reliability: str
    stage_deadline_ms: float
    stage_deadline_floor_ms: float
    stage_deadline_factor: float
    weight_check_ms: float
    shadow_cpu_percent: float
    range_margin: float
    range_action: str
    plausibility: bool
    calibration: str


def declare_all(node: Node) -> None:
    """Declare every parameter of the detection node."""
    declare(
        node,
        'model',
        'bundled',
        "'bundled', 'bundled-hardened', weights for them (.safetensors), an ONNX file, "
        'a PyTorch program (.pt2), or a description of one (.yaml)',
    )
    declare_cameras(node)
    declare(node, 'device', 'cpu', "what computes the model: 'cpu', 'cuda' or 'cuda:N'")
    declare(
        node,
        'checkpoint_boundaries',
        [AUTO],
        "stages behind which to checkpoint; 'image': the frame itself; 'auto': those that the "
        'model proposes',
    )
    declare(
        node,
        'checkpoint_plan',
        '',
        'plan file (YAML, from `restage plan`) to use instead of checkpoint_boundaries',
    )
    declare(
        node,
        'stage_deadline_ms',
        250.0,
        'a stage that runs longer is a hang, also before its usual time is known',
        low=1.0,
        high=60000.0,
    )
    declare(
        node,
        'stage_deadline_floor_ms',
        30.0,
        'no deadline that is learned from clean frames is shorter',
        low=5.0,
        high=60000.0,
    )
    declare(
        node,
        'stage_deadline_factor',
        4.0,
        "a stage's deadline: the 99 % quantile of its clean times, this many times",
        low=1.5,
        high=1000.0,
    )
    declare(
        node,
        'weight_check_ms',
        0.5,
        'time of a frame to spend on checksums of weights; what does not fit has its turn on a '
        'later frame; 0: only after errors',
        low=0.0,
        high=1000.0,
    )
    declare(
        node,
        'shadow_cpu_percent',
        1.0,
        'of one core, for a standby to run frames now and then; 0: never',
        low=0.0,
        high=100.0,
    )
    declare(
        node,
        'calibration',
        'auto',
        "what values and detections are on clean frames (from `restage calibrate`): a file, 'auto' "
        "(the one beside the model, if there is one), or 'off'",
    )
    declare(
        node,
        'range_margin',
        0.5,
        'by which share of its width a calibrated range is widened at both ends',
        low=0.0,
        high=1000.0,
    )
    declare(
        node,
        'range_action',
        'retry',
        "about a value out of its range: 'retry' (an error) or 'clip' (bring it back, no error)",
    )
    declare(node, 'plausibility', True, 'look at whether the detections can be true')
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
        node,
        'image_deadline_ms',
        30.0,
        'how long a standby that has taken over waits for an image that its primary had already',
        low=1.0,
        high=1000.0,
    )
    declare(
        node, 'queue_depth', 16, 'frames that may wait for the inference thread', low=1, high=256
    )
    declare(node, 'threads', 1, 'threads of one inference', low=1, high=64)
    declare(
        node,
        'stage_status_every',
        0,
        'publish all stages of every so manyth frame on stage_status, and of frames with an error; '
        '0: errors only',
        low=0,
        high=1000,
    )
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
    """
    Return the parameters as they are now.

    :raises ValueError: for one that is not accepted.
    """

    def value(name: str) -> object:
        return node.get_parameter(name).value

    action = node.get_parameter('range_action').value
    if action not in RANGE_ACTIONS:
        raise ValueError(f"range_action '{action}'; accepted: {', '.join(RANGE_ACTIONS)}")
    return DetectionOptions(
        model=str(value('model')),
        cameras=cameras_of(node),
        boundaries=tuple(node.get_parameter('checkpoint_boundaries').value or ()),
        order_deadline_s=node.get_parameter('order_deadline_ms').value / 1000.0,
        image_deadline_s=node.get_parameter('image_deadline_ms').value / 1000.0,
        queue_depth=node.get_parameter('queue_depth').value,
        threads=node.get_parameter('threads').value,
        report_every=node.get_parameter('stage_status_every').value,
        reliability=str(value('reliability')),
        plan=str(value('checkpoint_plan')),
        **{name: node.get_parameter(name).value for name in _AS_THEY_ARE},
    )
