# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""
The system as a launch description: what ``launch/*.launch.py`` have in common.

The arguments come from ``SystemOptions`` and the nodes from ``describe_system``; nothing is
listed a second time here. ``launch`` is imported only where actions are built, so that the
arguments can be read (documentation, tests) on a machine without it. Beside ROS 2 nothing but
the standard library is imported: ``ros2`` may run in another Python than the nodes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_type_hints

from restage.config import config_folder
from restage.harness.environment import transport_environment
from restage.system import CAMERA, SystemOptions, describe_system

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from launch.launch_context import LaunchContext
    from launch.launch_description import LaunchDescription
    from launch_ros.actions import Node

    from restage.system import NodeSpec, Parameter

PACKAGE = 'restage'
TOPIC_ARGUMENTS = {'image_raw': 'image_topic', 'camera_info': 'camera_info_topic'}
LOG_LEVELS = ('debug', 'info', 'warn', 'error', 'fatal')

# Two detectors, each with a thread per core, would take the processor from each other.
THREADS = ('OMP_NUM_THREADS', '1')


class LaunchArgumentError(ValueError):
    """A launch argument has a value that is not accepted."""


@dataclass(frozen=True, kw_only=True)
class LaunchArgument:
    """One launch argument, before it becomes a ``DeclareLaunchArgument``."""

    name: str
    kind: type
    default: bool | int | float | str
    description: str
    choices: tuple[str, ...] = ()

    @property
    def default_text(self) -> str:
        """Return the default as it is written on the command line."""
        return str(self.default).lower() if self.kind is bool else str(self.default)

    def parse(self, text: str) -> Any:
        """
        Return ``text`` as a value of this argument's type.

        :raises LaunchArgumentError: naming the argument, its value and what is accepted.
        """
        try:
            value = _PARSERS[self.kind](text)
        except ValueError:
            raise self.error(text, _ACCEPTED[self.kind]) from None
        if self.choices and value not in self.choices:
            raise self.error(text, f'one of {", ".join(self.choices)}')
        return value

    def error(self, text: str, accepted: str) -> LaunchArgumentError:
        """Return the error for a value that is not ``accepted``."""
        return LaunchArgumentError(
            f"launch argument '{self.name}': '{text}' is not accepted; accepted: {accepted}"
        )


def _parse_bool(text: str) -> bool:
    words = {'true': True, '1': True, 'false': False, '0': False}
    try:
        return words[text.strip().lower()]
    except KeyError:
        raise ValueError(text) from None


def _parse_float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


_PARSERS: Mapping[type, Callable[[str], Any]] = {
    bool: _parse_bool,
    int: int,
    float: _parse_float,
    str: str,
}
_ACCEPTED: Mapping[type, str] = {
    bool: 'true or false',
    int: 'a whole number',
    float: 'a number',
    str: 'text',
}


def system_arguments() -> tuple[LaunchArgument, ...]:
    """Return one argument for each field of ``SystemOptions``."""
    kinds = get_type_hints(SystemOptions)
    defaults = SystemOptions()
    return tuple(
        LaunchArgument(
            name=field.name,
            kind=kinds[field.name],
            default=getattr(defaults, field.name),
            description=field.metadata.get('description', ''),
            choices=tuple(field.metadata.get('choices', ())),
        )
        for field in fields(SystemOptions)
    )


def launch_arguments() -> tuple[LaunchArgument, ...]:
    """Return the arguments that concern launching, not the system itself."""
    return (
        LaunchArgument(
            name='namespace',
            kind=str,
            default='',
            description='Namespace of all nodes and their topics',
        ),
        LaunchArgument(
            name='log_level',
            kind=str,
            default='info',
            description='Lowest severity that is logged',
            choices=LOG_LEVELS,
        ),
        LaunchArgument(
            name='params_file',
            kind=str,
            default='',
            description=(
                'YAML file of parameters; empty: config/restage.yaml of this package. '
                'Launch arguments override it'
            ),
        ),
        LaunchArgument(
            name='camera',
            kind=bool,
            default=True,
            description="Start the camera node; false: the vehicle's own driver publishes images",
        ),
        LaunchArgument(
            name='image_topic',
            kind=str,
            default='image_raw',
            description='Topic of the images, relative to the namespace or absolute',
        ),
        LaunchArgument(
            name='camera_info_topic',
            kind=str,
            default='camera_info',
            description='Topic of the camera info that goes with the images',
        ),
        LaunchArgument(
            name='respawn',
            kind=bool,
            default=True,
            description='Start the recovery and detection nodes again when they die',
        ),
    )


def system_launch_description() -> LaunchDescription:
    """Return the whole system with all its arguments."""
    from launch.actions import DeclareLaunchArgument, OpaqueFunction
    from launch.launch_description import LaunchDescription

    declared = [
        DeclareLaunchArgument(
            argument.name,
            default_value=argument.default_text,
            description=describe_argument(argument),
        )
        for argument in (*system_arguments(), *launch_arguments())
    ]
    return LaunchDescription([*declared, OpaqueFunction(function=_start_system)])


def describe_argument(argument: LaunchArgument) -> str:
    """Return the description of ``argument`` with what it accepts, if that is not any text."""
    accepted = ' | '.join(argument.choices)
    if not accepted and argument.kind is not str:
        accepted = _ACCEPTED[argument.kind]
    return f'{argument.description} ({accepted})'.strip() if accepted else argument.description


def _start_system(context: LaunchContext) -> list[Any]:
    given: Mapping[str, str] = context.launch_configurations
    options = SystemOptions(
        **{argument.name: argument.parse(given[argument.name]) for argument in system_arguments()}
    )
    launching = {
        argument.name: argument.parse(given[argument.name]) for argument in launch_arguments()
    }
    common = {
        'params_file': _existing_params_file(launching['params_file']),
        'namespace': launching['namespace'],
        'log_level': launching['log_level'],
        'respawn': launching['respawn'],
        'remappings': [
            (topic, launching[argument])
            for topic, argument in TOPIC_ARGUMENTS.items()
            if launching[argument] != topic
        ],
    }
    nodes = [
        _node(spec, **common)
        for spec in describe_system(options)
        if launching['camera'] or spec.executable != CAMERA
    ]
    return [*_environment(context.environment), *nodes]


def _existing_params_file(text: str) -> Path:
    if not text:
        return config_folder() / 'restage.yaml'
    path = Path(text).expanduser()
    if not path.is_file():
        # The launch system would only warn, and start the nodes without it.
        raise LaunchArgumentError(
            f"launch argument 'params_file': '{text}' is not accepted; accepted: an existing file"
        )
    return path


def _environment(environment: Mapping[str, str]) -> list[Any]:
    from launch.actions import SetEnvironmentVariable

    wanted = transport_environment(environment)
    if THREADS[0] not in environment:
        wanted = dict([*wanted.items(), THREADS])
    return [SetEnvironmentVariable(name, value) for name, value in wanted.items()]


def _node(
    spec: NodeSpec,
    *,
    params_file: Path,
    namespace: str,
    log_level: str,
    respawn: bool,
    remappings: list[tuple[str, str]],
) -> Node:
    from launch_ros.actions import Node

    return Node(
        package=PACKAGE,
        executable=spec.executable,
        name=spec.name,
        namespace=namespace,
        parameters=[str(params_file), _typed(spec.parameters)],
        # The first that fits counts.
        remappings=[*spec.remappings.items(), *remappings],
        ros_arguments=['--log-level', log_level, '--enclave', spec.enclave],
        respawn=spec.respawn and respawn,
        respawn_delay=spec.respawn_delay_s,
        output='screen',
    )


def _typed(parameters: Mapping[str, Parameter]) -> dict[str, Any]:
    """Return the parameters so that the launch system does not guess a type for any text."""
    from launch_ros.parameter_descriptions import ParameterValue

    return {
        name: ParameterValue(value, value_type=None if isinstance(value, list) else type(value))
        for name, value in parameters.items()
    }
