# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Which outputs may differ from the fault-free run, and why: what docs/recovery.md allows."""

from __future__ import annotations

from dataclasses import dataclass

# The frame that was hit: its picture is another one.
PICTURE = ('input.freeze', 'input.partial_loss', 'input.noise', 'input.bit_corrupt')
# The frame that was hit: a value in the range of its tensor, or a detection that can be (gap 8).
VALUE = (
    'nn.neuron.bit_flip',
    'nn.neuron.stuck_at',
    'nn.neuron.set_value',
    'output.box',
    'output.class_',
    'output.score',
    'output.ghost',
    'output.miss',
)
# The frame in flight of a node that dies before it looked at its weights (gap 10).
WEIGHT = (
    'nn.weight.bit_flip',
    'nn.weight.stuck_at_0',
    'nn.weight.stuck_at_1',
    'nn.weight.set_value',
)
# Every frame from then on of the process whose memory was damaged: 'SDC, now or later'.
MEMORY = ('mem.use_after_free', 'mem.oob_write', 'mem.oom')


@dataclass
class Taint:
    """A process whose memory is not to be trusted, and the frames that it may have spoilt."""

    kind: str
    first_ns: int
    last_ns: int | None = None


class Permits:
    """Learns what happened; tells which frames may be wrong without anybody knowing."""

    def __init__(self) -> None:
        self._frames: dict[int, str] = {}
        self._weights: dict[int, tuple[str, str]] = {}
        # By node: faults of its weights by their id that it has, and has not told to have fired.
        self._waiting: dict[str, dict[str, str]] = {}
        # The same of its process that ended last.
        self._untold: dict[str, dict[str, str]] = {}
        self._taints: dict[str, list[Taint]] = {}

    def on_armed(self, fault_id: str, kind: str, node: str) -> None:
        """Note that a fault of that kind waits in ``node``."""
        if kind in WEIGHT:
            self._waiting.setdefault(node, {})[fault_id] = kind

    def on_over(self, fault_id: str, node: str) -> None:
        """Note that the fault waits no more: it fired, or was taken back."""
        self._waiting.get(node, {}).pop(fault_id, None)

    def on_fired(self, kind: str, node: str, frame_ns: int) -> None:
        """Note that a fault of that kind took effect on that frame in ``node``."""
        if kind in PICTURE or kind in VALUE:
            self._frames[frame_ns] = kind
        elif kind in WEIGHT:
            self._weights[frame_ns] = node, kind
        elif kind in MEMORY:
            self._taints.setdefault(node, []).append(Taint(kind, frame_ns))

    def on_exit(self, node: str, newest_ns: int) -> None:
        """Note that the node's process ended, when ``newest_ns`` was the newest frame."""
        for taint in self._taints.get(node, []):
            if taint.last_ns is None:
                taint.last_ns = newest_ns
        self._untold[node] = self._waiting.pop(node, {})

    def on_death(self, node: str, frame_ns: int) -> None:
        """Learn from the recovery which frame the dead process had in flight."""
        for taint in self._taints.get(node, []):
            if frame_ns >= taint.first_ns and (taint.last_ns is None or frame_ns < taint.last_ns):
                taint.last_ns = frame_ns
        owner, kind = self._weights.get(frame_ns, ('', ''))
        if owner == node:
            self._frames[frame_ns] = kind
        # A process that is killed cannot tell that a fault has just fired. Its exit may be noted
        # before this or after it.
        for untold in (self._untold.pop(node, {}), self._waiting.pop(node, {})):
            for kind in untold.values():
                self._frames[frame_ns] = kind

    @property
    def tainted(self) -> list[str]:
        """The nodes that still run with damaged memory."""
        return [
            node
            for node, taints in self._taints.items()
            if any(taint.last_ns is None for taint in taints)
        ]

    def why(self, stamp_ns: int) -> str:
        """Return the kind of fault for which a frame may be wrong; empty: it may not be."""
        if stamp_ns in self._frames:
            return self._frames[stamp_ns]
        for taints in self._taints.values():
            for taint in taints:
                if taint.first_ns <= stamp_ns and (
                    taint.last_ns is None or stamp_ns <= taint.last_ns
                ):
                    return taint.kind
        return ''

    def forget(self, before_ns: int) -> None:
        """Forget frames before ``before_ns``."""
        self._frames = {ns: kind for ns, kind in self._frames.items() if ns >= before_ns}
        self._weights = {ns: one for ns, one in self._weights.items() if ns >= before_ns}
        for node, taints in self._taints.items():
            self._taints[node] = [
                one for one in taints if one.last_ns is None or one.last_ns >= before_ns
            ]
