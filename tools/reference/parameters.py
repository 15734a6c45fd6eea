# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The parameters of every node."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reference.markdown import code, page, table
from reference.nodes import NodeFacts

TYPES = {
    bool: 'bool',
    int: 'integer',
    float: 'double',
    str: 'string',
    list: 'string array',
}


def parameters_page(nodes: Sequence[NodeFacts]) -> str:
    """Return the page."""
    return page(
        'Parameters',
        'Every parameter that a node declares, as the node itself says it. A value of another type '
        'or out of its range is refused by ROS. Some can be set by a [launch argument](launch.md), '
        'the others in a parameter file: `config/restage.yaml` is one to copy. A detection or '
        'recovery node reads its parameters when it is configured; only `recovery_policy` acts at '
        'once.',
        *(_section(node) for node in nodes),
    )


def _section(node: NodeFacts) -> str:
    rows = [
        [
            code(descriptor.name),
            TYPES.get(type(default), type(default).__name__),
            _value(default),
            _range(descriptor),
            descriptor.description + (' (read-only)' if descriptor.read_only else ''),
        ]
        for descriptor, default in node.parameters
    ]
    return f'## {code(node.executable)}\n\n{node.summary}\n\n' + table(
        ['parameter', 'type', 'default', 'range', 'what it is'], rows
    )


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return code(str(value).lower())
    if isinstance(value, list):
        return code('[' + ', '.join(repr(one) for one in value) + ']')
    return code(repr(value) if value == '' else value)


def _range(descriptor: Any) -> str:
    for one in (*descriptor.integer_range, *descriptor.floating_point_range):
        return f'{_number(one.from_value)} to {_number(one.to_value)}'
    return ''


def _number(value: float) -> str:
    return '2^62' if value == 2**62 else f'{value:g}'
