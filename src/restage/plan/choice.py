# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Some boundaries, and what they cost and bring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from restage.checkpoint.boundaries import NO_CHECKPOINT
from restage.plan.profile import Profile


@dataclass(frozen=True)
class Choice:
    """Some boundaries in ascending order, and what they cost and bring, in ns."""

    boundaries: tuple[int, ...]
    write_ns: int
    recovery_ns: tuple[int, ...]
    expected_ns: float

    @property
    def worst_ns(self) -> int:
        """The recovery cost of the worst stage for a fault to strike."""
        return max(self.recovery_ns, default=0)


def judge(profile: Profile, boundaries: Sequence[int]) -> Choice:
    """
    Return what ``boundaries`` (ascending) cost and bring.

    ``recovery_ns`` is by stage; for the expectation a fault strikes each stage as often as the
    stage runs long.
    """
    behind = (NO_CHECKPOINT, *boundaries)
    writes = sum(profile.write_ns(*pair) for pair in zip(behind, boundaries, strict=False))
    recovery = tuple(
        profile.recovery_ns(max(one for one in behind if one < stage), stage)
        for stage in range(profile.last + 1)
    )
    weighted = sum(cost * time for cost, time in zip(recovery, profile.stage_ns, strict=True))
    expected = weighted / profile.compute_ns if profile.compute_ns else 0.0
    return Choice(tuple(boundaries), writes, recovery, expected)
