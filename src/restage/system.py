# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Which nodes make up the system, with which parameters: the one description of it.

``launch/*.launch.py`` turns it into launch actions, ``restage.harness`` into processes.
"""

from __future__ import annotations

from dataclasses import dataclass, field

Parameter = bool | int | float | str | list[str]

DETECTORS = ('detection_a', 'detection_b')


@dataclass(frozen=True, kw_only=True)
class NodeSpec:
    """One node: ``executable`` is its console script and its module in ``restage.nodes``."""

    name: str
    executable: str
    parameters: dict[str, Parameter] = field(default_factory=dict)
    respawn: bool = False
    respawn_delay_s: float = 0.0


@dataclass(frozen=True, kw_only=True)
class SystemOptions:
    """
    What a user chooses; every field is a launch argument of the same name.

    ``source``: ``synthetic``, a video file, a folder of images or a rosbag2 folder.
    ``model``: ``bundled`` or a weights file of the bundled network (safetensors).
    ``scenario``: a YAML file of faults; empty: none.
    ``stage_deadline_ms``: a stage that runs longer is taken for a hang.
    """

    source: str = 'synthetic'
    model: str = 'bundled'
    scenario: str = ''
    rate_hz: float = 0.0
    loop: bool = True
    max_frames: int = 0
    seed: int = 1
    frame_log: str = ''
    allow_fault_injection: bool = False
    with_recovery: bool = True
    reliability: str = 'reliable'
    stage_deadline_ms: float = 250.0


def describe_system(options: SystemOptions) -> tuple[NodeSpec, ...]:
    """
    Return the nodes of the system in the order they are best started.

    :raises ValueError: for a scenario where no fault injection is allowed.
    """
    if options.scenario and not options.allow_fault_injection:
        raise ValueError(
            f"scenario '{options.scenario}' needs allow_fault_injection: true; "
            'without it no fault is accepted'
        )
    detectors = DETECTORS if options.with_recovery else DETECTORS[:1]
    nodes = []
    if options.with_recovery:
        nodes.append(
            NodeSpec(
                name='recovery',
                executable='recovery_node',
                parameters={
                    'detectors': list(detectors),
                    'stage_deadline_ms': options.stage_deadline_ms,
                },
                respawn=True,
            )
        )
    nodes += [
        NodeSpec(
            name=name,
            executable='detection_node',
            parameters={
                'model': options.model,
                'allow_fault_injection': options.allow_fault_injection,
                'reliability': options.reliability,
                'autostart': not options.with_recovery,
            },
            respawn=True,
        )
        for name in detectors
    ]
    if options.allow_fault_injection:
        nodes.append(
            NodeSpec(
                name='injector',
                executable='injector_node',
                parameters={'scenario': options.scenario, 'allow_fault_injection': True},
            )
        )
    nodes.append(
        NodeSpec(
            name='camera',
            executable='camera_node',
            parameters={
                'source': options.source,
                'rate_hz': options.rate_hz,
                'loop': options.loop,
                'max_frames': options.max_frames,
                'seed': options.seed,
                'frame_log': options.frame_log,
                'reliability': options.reliability,
                # Both detectors are matched before the first frame, so that none is lost to
                # discovery.
                'wait_for_subscribers': len(detectors),
            },
        )
    )
    return tuple(nodes)
