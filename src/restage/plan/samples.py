# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Raw measurements of stages and checkpoints, and what the optimisation makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from restage.plan.profile import Profile, Tensor


@dataclass
class TensorSamples:
    """
    One tensor: the boundary it is made at, its largest size, and three times in ns per frame.

    ``check_ns``: looking for NaN and infinity; ``commit_ns``: copy and checksum into the store;
    ``restore_ns``: checksum and copy out of it.
    """

    name: str
    made: int
    nbytes: int = 0
    check_ns: list[int] = field(default_factory=list)
    commit_ns: list[int] = field(default_factory=list)
    restore_ns: list[int] = field(default_factory=list)


@dataclass
class Samples:
    """
    All measurements of one model.

    ``stage_ns``: for each stage its times in ns, by frame. ``tensors``: every tensor that is
    alive at a boundary, by name. ``live``: their names at the boundaries from -1.
    """

    stages: tuple[str, ...]
    live: tuple[tuple[str, ...], ...]
    tensors: dict[str, TensorSamples]
    stage_ns: list[list[int]]

    @property
    def boundaries(self) -> tuple[str, ...]:
        """The names of the boundaries from -1, which is the image."""
        return ('image', *self.stages)

    def nbytes(self, boundary: int) -> int:
        """Return the bytes alive at ``boundary``."""
        return sum(self.tensors[name].nbytes for name in self.live[boundary + 1])

    def stage_p99_ns(self) -> tuple[float, ...]:
        """Return the 99th percentile of each stage's times in ns."""
        return tuple(float(np.percentile(times, 99)) for times in self.stage_ns)

    def profile(self) -> Profile:
        """Return the medians: a frame disturbed by another process must not decide."""
        costs = {
            name: Tensor(name, _p50(one.check_ns) + _p50(one.commit_ns), _p50(one.restore_ns))
            for name, one in self.tensors.items()
        }
        return Profile(
            tuple(_p50(times) for times in self.stage_ns),
            tuple(tuple(costs[name] for name in names) for names in self.live),
        )


def _p50(values: Sequence[int]) -> int:
    return round(float(np.percentile(values, 50)))
