# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The nodes as they are: made, configured and asked, in a ROS domain of their own."""

from __future__ import annotations

import importlib
import inspect
import os
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SETUP = Path(__file__).resolve().parents[2] / 'setup.py'
NAMESPACE = 'reference'
# Of rclpy, in every node or every lifecycle node.
COMMON = ('parameter_events', 'rosout', 'use_sim_time', 'start_type_description_service')
SERVICES = (
    'describe_parameters',
    'get_parameter_types',
    'get_parameters',
    'list_parameters',
    'set_parameters',
    'set_parameters_atomically',
    'get_type_description',
    'change_state',
    'get_state',
    'get_available_states',
    'get_available_transitions',
    'get_transition_graph',
)


@dataclass(frozen=True)
class Endpoint:
    """One end of a topic or service; ``role`` is publishes, subscribes, serves or calls."""

    role: str
    name: str
    kind: str
    qos: Any


@dataclass(frozen=True)
class NodeFacts:
    """What a node says of itself; ``parameters`` are (descriptor, default)."""

    executable: str
    name: str
    lifecycle: bool
    summary: str
    parameters: tuple[tuple[Any, Any], ...]
    endpoints: tuple[Endpoint, ...]


def describe_nodes() -> list[NodeFacts]:
    """Return every node that setup.py installs, in its order."""
    import rclpy

    from restage.harness.domain import own_domain

    # Nothing is sent: neither shared memory nor another host's network is to be touched.
    os.environ.setdefault('FASTDDS_BUILTIN_TRANSPORTS', 'UDPv4')
    found = re.findall(r"'(\w+) = (restage\.nodes\.\w+):main'", SETUP.read_text(encoding='utf-8'))
    facts = []
    with own_domain() as domain:
        for executable, module in found:
            rclpy.init(args=['--ros-args', '-r', f'__ns:=/{NAMESPACE}'], domain_id=domain)
            facts.append(_facts(executable, _node_class(importlib.import_module(module))))
            rclpy.shutdown()
    return facts


def _node_class(module: Any) -> type:
    from rclpy.node import Node

    (found,) = (
        one
        for _, one in inspect.getmembers(module, inspect.isclass)
        if issubclass(one, Node) and one.__module__ == module.__name__
    )
    return found


def _facts(executable: str, kind: type) -> NodeFacts:
    from rclpy.lifecycle import LifecycleNode
    from rclpy.logging import LoggingSeverity, set_logger_level

    set_logger_level('', LoggingSeverity.ERROR)
    node = kind()
    node.get_logger().set_level(LoggingSeverity.ERROR)
    lifecycle = isinstance(node, LifecycleNode)
    try:
        names = [name for name in node._parameters if name not in COMMON]
        parameters = tuple(
            (node.describe_parameter(name), node.get_parameter(name).value) for name in names
        )
        if lifecycle:
            # Some of their topics are there only then.
            assert node.trigger_configure().name == 'SUCCESS', f'{executable} does not configure'
            if executable == 'recovery_node':
                node.trigger_activate()
        return NodeFacts(
            executable=executable,
            name=node.get_name(),
            lifecycle=lifecycle,
            summary=_first_line(sys.modules[kind.__module__].__doc__ or ''),
            parameters=parameters,
            endpoints=tuple(_endpoints(node)),
        )
    finally:
        if hasattr(node, 'close'):
            node.close()
        node.destroy_node()


def _first_line(text: str) -> str:
    return ' '.join(text.strip().split('\n\n')[0].split())


def _endpoints(node: Any) -> Iterable[Endpoint]:
    own = node.get_name()
    groups = (
        ('publishes', node.publishers, 'topic_name', 'msg_type'),
        ('subscribes', node.subscriptions, 'topic_name', 'msg_type'),
        ('serves', node.services, 'service_name', 'srv_type'),
        ('calls', node.clients, 'service_name', 'srv_type'),
    )
    seen = set()
    for role, group, name_of, type_of in groups:
        for one in group:
            name, kind = _relative(getattr(one, name_of), own), getattr(one, type_of)
            last = name.rpartition('/')[2]
            if last in COMMON or (role == 'serves' and last in SERVICES):
                continue
            if (role, name) not in seen:
                seen.add((role, name))
                yield Endpoint(role, name, _type_name(kind), one.qos_profile)


def _relative(name: str, own: str) -> str:
    """Return a name as the code has it: relative, private (~) or absolute."""
    inside = name.removeprefix(f'/{NAMESPACE}/')
    return f'~{inside.removeprefix(own)}' if inside.startswith(f'{own}/') else inside


def _type_name(kind: Any) -> str:
    package, part = kind.__module__.split('.')[:2]
    return f'{package}/{part}/{kind.__name__}'
