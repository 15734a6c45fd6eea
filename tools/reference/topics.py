# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The topics and services of every node, with their quality of service."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reference.markdown import code, page, table
from reference.nodes import Endpoint, NodeFacts

# How rclpy says that nothing was asked for.
WITHOUT_LEASE_NS = 2**63 - 1


def topics_page(nodes: Sequence[NodeFacts]) -> str:
    """Return the page."""
    return page(
        'Topics and services',
        'What every node but the dashboard publishes, subscribes to, serves and calls, asked of '
        'the nodes themselves with their default parameters; the dashboard listens to all but '
        '`fault_commands`, and calls `injector/inject`. A name is relative to the namespace; only '
        '`/diagnostics` is absolute. With several cameras, `image_raw`, `camera_info` and '
        '`detections` are in a namespace of each. The reliability of the images is a parameter. '
        'Beside these, every node has the parameter services of ROS, and a lifecycle node those '
        'of the life cycle (`~/change_state`, `~/get_state`), which `recovery_node` calls. The '
        'detection nodes of the system are `detection_a`, `detection_b`; their service is '
        '`detection_a/recover`. The types of Restage are in [Messages and '
        'services](interfaces.md).',
        '## Topics',
        table(['topic', 'type', 'publishers', 'subscribers', 'QoS'], _topics(nodes)),
        'Where publisher and subscriber ask for different qualities, both are given: publisher, '
        'then subscriber.',
        '## Services',
        table(['service', 'type', 'server', 'clients'], _services(nodes)),
        '## Nodes',
        table(
            ['executable', 'kind', 'what it is'],
            [
                [code(node.executable), 'lifecycle' if node.lifecycle else 'node', node.summary]
                for node in nodes
            ],
        ),
    )


def _topics(nodes: Sequence[NodeFacts]) -> list[list[str]]:
    def ends(name: str, role: str) -> list[tuple[NodeFacts, Endpoint]]:
        return [
            (node, one)
            for node in nodes
            for one in node.endpoints
            if one.role == role and one.name == name
        ]

    names = dict.fromkeys(
        one.name
        for node in nodes
        for one in node.endpoints
        if one.role in ('publishes', 'subscribes')
    )
    rows = []
    for name in sorted(names):
        out, into = ends(name, 'publishes'), ends(name, 'subscribes')
        kind = (out or into)[0][1].kind
        qualities = dict.fromkeys(_quality(one.qos) for _, one in (*out, *into))
        rows.append([code(name), code(kind), _who(out), _who(into), '; '.join(qualities)])
    return rows


def _services(nodes: Sequence[NodeFacts]) -> list[list[str]]:
    rows = []
    for node in nodes:
        for one in node.endpoints:
            if one.role == 'serves':
                kind = one.kind
                callers = [
                    other.executable
                    for other in nodes
                    if any(end.role == 'calls' and end.kind == kind for end in other.endpoints)
                ]
                rows.append(
                    [
                        code(one.name.replace('~', node.name)),
                        code(kind),
                        code(node.executable),
                        ', '.join(code(name) for name in callers),
                    ]
                )
    return sorted(rows)


def _who(ends: list[tuple[NodeFacts, Endpoint]]) -> str:
    return ', '.join(code(node.executable) for node, _ in ends)


def _quality(qos: Any) -> str:
    words = [qos.reliability.name.lower().replace('_', ' ')]
    if qos.durability.name == 'TRANSIENT_LOCAL':
        words.append('transient local')
    words.append(f'depth {qos.depth}')
    lease = qos.liveliness_lease_duration.nanoseconds
    if 0 < lease < WITHOUT_LEASE_NS:
        words.append(f'liveliness lease {lease / 1e9:g} s')
    return ', '.join(words)
