# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Which nodes make up the system, with which parameters: the one description of it.

``launch/*.launch.py`` turns it into launch actions, ``restage.harness`` into processes.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from restage.cameras import Cameras

Parameter = bool | int | float | str | list[str]

CAMERA = 'camera_node'
RECORDER = 'recorder_node'
_NAMES = ('detection_a', 'detection_b', 'detection_c', 'detection_d')
# What the camera publishes to where a proxy stands between it and the detectors.
FROM_CAMERA = 'camera/image_raw'
# With a dashboard the stages of every so manyth frame are shown: telling of all costs each frame.
SHOWN_EVERY = 5
# Those there are by default: a primary and a standby.
DETECTORS = _NAMES[:2]


@dataclass(frozen=True, kw_only=True)
class NodeSpec:
    """One node: ``executable`` is its console script and its module in ``restage.nodes``."""

    name: str
    executable: str
    parameters: dict[str, Parameter] = field(default_factory=dict)
    remappings: dict[str, str] = field(default_factory=dict)
    respawn: bool = False
    respawn_delay_s: float = 0.0

    @property
    def enclave(self) -> str:
        """Its SROS2 enclave in ``config/security/policy.xml``; without SROS2 it means nothing."""
        return f'/{self.name}'


def _option(default: Any, description: str, *, choices: tuple[str, ...] = ()) -> Any:
    return field(default=default, metadata={'description': description, 'choices': choices})


@dataclass(frozen=True, kw_only=True)
class SystemOptions:
    """What a user chooses; every field is a launch argument of the same name."""

    source: str = _option(
        'synthetic', "'synthetic', a video, a folder of images or a rosbag2 folder"
    )
    model: str = _option(
        'bundled',
        "'bundled', 'bundled-hardened', weights for them (.safetensors), an ONNX file, "
        'a PyTorch program (.pt2), or a description of one (.yaml)',
    )
    device: str = _option('cpu', "What computes the model: 'cpu', 'cuda' or 'cuda:N'")
    scenario: str = _option('', 'YAML file of faults to inject; empty: none')
    rate_hz: float = _option(0.0, "Frames per second; 0.0: the source's own rate")
    loop: bool = _option(True, 'Start the source over at its end')
    max_frames: int = _option(0, 'Stop after this many frames; 0: no limit')
    seed: int = _option(1, 'Seed of the synthetic scene')
    frame_log: str = _option(
        '', 'File that gets a JSON line for every published frame; empty: none'
    )
    allow_fault_injection: bool = _option(
        False, 'Start the injector and let the detectors accept faults; for tests only'
    )
    cameras: str = _option(
        '',
        'Names of the cameras of one detector, with commas between: each has topics of its own, '
        "'front/image_raw' and so on; empty: one camera at image_raw",
    )
    fault_proxy: bool = _option(
        False,
        'Pass the images through a node in which faults of the classes input and comm act; needs '
        'allow_fault_injection',
    )
    with_recovery: bool = _option(
        True, 'Start the recovery node and a standby; false: one detector on its own'
    )
    reliability: str = _option(
        'reliable', 'QoS reliability of image_raw', choices=('reliable', 'best_effort')
    )
    stage_deadline_ms: float = _option(
        250.0,
        'A stage that runs longer is taken for a hang, its process is killed; a shorter deadline '
        'is learned from clean frames',
    )
    stage_deadline_floor_ms: float = _option(30.0, 'No deadline that is learned is shorter')
    standbys: int = _option(1, 'Detection nodes kept ready beside the primary: 1 to 3')
    plan: str = _option(
        '', 'Checkpoint plan (YAML, from `restage plan`); empty: the parameter of the detectors'
    )
    record: str = _option(
        '', 'Folder to make and record the run in, as a rosbag2 (MCAP); empty: none'
    )
    record_images: str = _option(
        'jpeg',
        'Images of the recording; raw and png keep every bit',
        choices=('jpeg', 'png', 'raw', 'none'),
    )
    dashboard: bool = _option(
        False,
        'Start the dashboard, a web page over the system, and publish the stages of some frames',
    )
    dashboard_host: str = _option('127.0.0.1', 'Address that the dashboard listens on')
    dashboard_port: int = _option(8650, 'Port that the dashboard listens on; 0: a free one')


def describe_system(options: SystemOptions) -> tuple[NodeSpec, ...]:
    """
    Return the nodes of the system in the order they are best started.

    :raises ValueError: for a scenario where no fault injection is allowed, names that cannot be
        cameras', or a number of standbys that is not accepted.
    """
    cameras = cameras_of(options)
    if options.scenario and not options.allow_fault_injection:
        raise ValueError(
            f"scenario '{options.scenario}' needs allow_fault_injection: true; "
            'without it no fault is accepted'
        )
    if options.fault_proxy and not options.allow_fault_injection:
        raise ValueError('fault_proxy needs allow_fault_injection: true')
    if options.fault_proxy and len(cameras) > 1:
        raise ValueError(f'fault_proxy stands before one camera, not before {options.cameras}')
    if not 1 <= options.standbys < len(_NAMES):
        raise ValueError(
            f'standbys {options.standbys} is not accepted: give 1 to {len(_NAMES) - 1}'
        )
    detectors = _NAMES[: 1 + options.standbys if options.with_recovery else 1]
    nodes = []
    if options.with_recovery:
        nodes.append(
            NodeSpec(
                name='recovery',
                executable='recovery_node',
                parameters={'detectors': list(detectors), 'cameras': list(cameras.names)},
                respawn=True,
            )
        )
    nodes += [
        NodeSpec(
            name=name,
            executable='detection_node',
            parameters={
                'model': options.model,
                'cameras': list(cameras.names),
                'device': options.device,
                'allow_fault_injection': options.allow_fault_injection,
                'reliability': options.reliability,
                'stage_deadline_ms': options.stage_deadline_ms,
                'stage_deadline_floor_ms': options.stage_deadline_floor_ms,
                'checkpoint_plan': options.plan,
                'autostart': not options.with_recovery,
                **({'stage_status_every': SHOWN_EVERY} if options.dashboard else {}),
            },
            respawn=True,
        )
        for name in detectors
    ]
    if options.dashboard:
        nodes.append(
            NodeSpec(
                name='dashboard',
                executable='dashboard_node',
                parameters={
                    'cameras': list(cameras.names),
                    'host': options.dashboard_host,
                    'port': options.dashboard_port,
                },
            )
        )
    if options.allow_fault_injection:
        nodes.append(
            NodeSpec(
                name='injector',
                executable='injector_node',
                parameters={
                    'scenario': options.scenario,
                    'allow_fault_injection': True,
                    'cameras': list(cameras.names),
                },
            )
        )
    if options.fault_proxy:
        nodes.append(
            NodeSpec(
                name='fault_proxy',
                executable='fault_proxy_node',
                parameters={'allow_fault_injection': True, 'reliability': options.reliability},
                remappings={'image_in': FROM_CAMERA, 'image_out': 'image_raw'},
            )
        )
    if options.record:
        nodes.append(_recorder(options, cameras))
    # All detectors are matched before the first frame, so that none is lost to discovery.
    subscribers = 1 if options.fault_proxy else len(detectors)
    subscribers += bool(options.record) and options.record_images != 'none'
    nodes += [_camera(options, cameras, number, subscribers) for number in range(len(cameras))]
    return tuple(nodes)


def cameras_of(options: SystemOptions) -> Cameras:
    """
    Return the cameras that the option names.

    :raises ValueError: when they cannot be names of cameras.
    """
    return Cameras.called([name.strip() for name in options.cameras.split(',')])


def _recorder(options: SystemOptions, cameras: Cameras) -> NodeSpec:
    """Return the recorder; what it records of images is what the camera gives."""
    return NodeSpec(
        name='recorder',
        executable=RECORDER,
        parameters={
            'path': options.record,
            'images': options.record_images,
            'reliability': options.reliability,
            'cameras': list(cameras.names),
            'run': json.dumps(asdict(options)),
        },
        remappings={'image_raw': FROM_CAMERA} if options.fault_proxy else {},
    )


def _camera(options: SystemOptions, cameras: Cameras, number: int, subscribers: int) -> NodeSpec:
    """Return one camera; each of several synthetic ones sees a scene of its own."""
    name = cameras.names[number]
    parameters: dict[str, Parameter] = {
        'source': options.source,
        'rate_hz': options.rate_hz,
        'loop': options.loop,
        'max_frames': options.max_frames,
        'seed': options.seed + number,
        'frame_log': options.frame_log,
        'reliability': options.reliability,
        'wait_for_subscribers': subscribers,
    }
    if not name:
        remappings = {'image_raw': FROM_CAMERA} if options.fault_proxy else {}
        return NodeSpec(
            name='camera', executable=CAMERA, parameters=parameters, remappings=remappings
        )
    parameters['frame_id'] = name
    if options.frame_log:
        log = Path(options.frame_log)
        parameters['frame_log'] = str(log.with_name(f'{log.stem}-{name}{log.suffix}'))
    topics = ('image_raw', 'camera_info')
    return NodeSpec(
        name=f'camera_{name}',
        executable=CAMERA,
        parameters=parameters,
        remappings={topic: cameras.topic(number, topic) for topic in topics},
    )
