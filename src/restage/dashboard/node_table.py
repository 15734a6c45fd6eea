# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Which nodes there are: role, lifecycle state, progress, and what they say of themselves."""

from __future__ import annotations

from dataclasses import dataclass, field

from restage.dashboard.sightings import Beat, Diagnosis, Role
from restage.diagnosis.status import Level

# Source: lifecycle_msgs/State.
STATES = {
    0: 'unknown',
    1: 'unconfigured',
    2: 'inactive',
    3: 'active',
    4: 'finalized',
    10: 'configuring',
    11: 'cleaning up',
    12: 'shutting down',
    13: 'activating',
    14: 'deactivating',
    15: 'error processing',
}
# A heartbeat comes every 0.1 s, a diagnosis every 1 s.
SILENT_BEAT_NS = 500_000_000
SILENT_DIAGNOSIS_NS = 3_500_000_000
FORGOTTEN_NS = 60_000_000_000
_ORDER = {Role.PRIMARY: 0, Role.STANDBY: 1, Role.NONE: 2}


@dataclass
class _Node:
    """One node as last heard of."""

    name: str
    heard_ns: int = 0
    beat: Beat | None = None
    restarts: int = 0
    parts: dict[str, Diagnosis] = field(default_factory=dict)

    def silent(self, now_ns: int) -> bool:
        limit_ns = SILENT_DIAGNOSIS_NS if self.beat is None else SILENT_BEAT_NS
        return now_ns - self.heard_ns > limit_ns

    def worst(self) -> Diagnosis | None:
        return max(self.parts.values(), key=lambda part: part.health, default=None)


class NodeTable:
    """The nodes heard of; one that is silent for long is forgotten."""

    def __init__(self) -> None:
        """Begin with none."""
        self._nodes: dict[str, _Node] = {}

    def beat(self, beat: Beat, now_ns: int) -> None:
        """Note a heartbeat."""
        node = self._nodes.setdefault(beat.node, _Node(beat.node))
        if node.beat is not None and node.beat.pid != beat.pid:
            node.restarts += 1
            node.parts.clear()
        node.beat, node.heard_ns = beat, now_ns

    def diagnosis(self, status: Diagnosis, now_ns: int) -> None:
        """Note a diagnosis; of a detection node only a heartbeat proves that it is alive."""
        node = self._nodes.setdefault(status.node, _Node(status.node))
        node.parts[status.part] = status
        if node.beat is None:
            node.heard_ns = now_ns

    def there(self, name: str, now_ns: int) -> bool:
        """Return whether the node was heard of lately."""
        return name in self._nodes and not self._nodes[name].silent(now_ns)

    def detectors(self) -> list[str]:
        """Return the names of the nodes that send heartbeats."""
        return sorted(node.name for node in self._nodes.values() if node.beat is not None)

    def view(self, now_ns: int) -> list[dict[str, object]]:
        """Return a row for each node, the primary first."""
        for name, node in list(self._nodes.items()):
            if now_ns - node.heard_ns > FORGOTTEN_NS:
                del self._nodes[name]
        return [_row(node, now_ns) for node in sorted(self._nodes.values(), key=_rank)]


def _rank(node: _Node) -> tuple[int, int, str]:
    return (node.beat is None, _ORDER[node.beat.role] if node.beat else 0, node.name)


def _row(node: _Node, now_ns: int) -> dict[str, object]:
    silent = node.silent(now_ns)
    worst = node.worst()
    row: dict[str, object] = {
        'name': node.name,
        'silent_s': round((now_ns - node.heard_ns) / 1e9, 1) if silent else None,
        'health': Level.STALE.name if silent or worst is None else worst.health.name,
        'message': '' if worst is None else worst.message,
    }
    beat = node.beat
    if beat is not None:
        row |= {
            # The role of a node that is silent is what it had.
            'role': beat.role.name.lower(),
            'state': STATES.get(beat.state, f'state {beat.state}'),
            'pid': beat.pid,
            'epoch': beat.epoch,
            'in': beat.frames_in,
            'out': beat.frames_out,
            'dropped': beat.frames_dropped,
            'restarts': node.restarts,
        }
    return row
