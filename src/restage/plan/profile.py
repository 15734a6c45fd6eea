# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What the stages and checkpoints of one model cost: the input of the optimisation."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from restage.checkpoint.boundaries import IMAGE, NO_CHECKPOINT


@dataclass(frozen=True)
class Tensor:
    """A tensor that can be checkpointed: ns to check and write it once, ns to read it back."""

    name: str
    write_ns: int
    restore_ns: int


@dataclass(frozen=True)
class Profile:
    """
    Costs in ns, whole numbers so that ties are ties.

    ``stage_ns``: time of each of the n stages. ``live``: n + 1 tuples, the tensors alive at the
    boundaries -1 (the image) to n - 1. A tensor is alive from where it is made to its last
    reader, so one that is alive at two boundaries is alive at all between them.

    :raises ValueError: without stages, when the lengths do not fit, for a negative cost.
    """

    stage_ns: tuple[int, ...]
    live: tuple[tuple[Tensor, ...], ...]

    def __post_init__(self) -> None:
        """Check that the parts fit together."""
        if not self.stage_ns:
            raise ValueError('no stages; accepted: at least one')
        if len(self.live) != len(self.stage_ns) + 1:
            raise ValueError(
                f'{len(self.live)} boundaries for {len(self.stage_ns)} stages; '
                f'accepted: {len(self.stage_ns) + 1}'
            )
        costs = [cost for tensors in self.live for one in tensors for cost in _costs(one)]
        if min((*self.stage_ns, *costs), default=0) < 0:
            raise ValueError('a cost is negative; accepted: times in ns of at least 0')

    @property
    def last(self) -> int:
        """The number of the last stage, and of the boundary behind it."""
        return len(self.stage_ns) - 1

    @property
    def compute_ns(self) -> int:
        """The time of a frame without any checkpoint."""
        return sum(self.stage_ns)

    def at(self, boundary: int) -> tuple[Tensor, ...]:
        """Return what is alive at ``boundary``; nothing for NO_CHECKPOINT."""
        return () if boundary == NO_CHECKPOINT else self.live[boundary + 1]

    def write_ns(self, previous: int, boundary: int) -> int:
        """
        Return the cost of checkpointing at ``boundary``, the one before being ``previous``.

        What is alive at both was stored at ``previous`` or before: the last checkpoint is all
        that needs to be known of the earlier ones.
        """
        stored = {tensor.name for tensor in self.at(previous)}
        return sum(one.write_ns for one in self.at(boundary) if one.name not in stored)

    def restore_ns(self, boundary: int) -> int:
        """Return the time to read back ``boundary``; 0 for NO_CHECKPOINT: the image at hand."""
        return sum(tensor.restore_ns for tensor in self.at(boundary))

    def recovery_ns(self, boundary: int, stage: int) -> int:
        """Return what a fault at the end of ``stage`` costs if resumed from ``boundary``."""
        begun = max(boundary, IMAGE) + 1
        return self.restore_ns(boundary) + self._until[stage + 1] - self._until[begun]

    @cached_property
    def _until(self) -> tuple[int, ...]:
        """The time from the image to the start of each stage, and to the end of the last."""
        return tuple(accumulate(self.stage_ns, initial=0))


def _costs(tensor: Tensor) -> tuple[int, int]:
    return tensor.write_ns, tensor.restore_ns
