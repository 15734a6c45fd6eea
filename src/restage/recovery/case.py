# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""One recovery, from the error to the first good output, with all its times."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

from restage.checkpoint.boundaries import NO_CHECKPOINT


class Outcome(IntEnum):
    """The constants of restage_msgs/RecoveryEvent."""

    RECOVERED = 0
    FRAME_DROPPED = 1
    FAILED = 2


@dataclass(kw_only=True)
class RecoveryCase:
    """
    An error and what became of it. Times on CLOCK_MONOTONIC in ns; 0: not (yet) known.

    ``has_frame``: the frame ``stamp_ns`` was in flight; else it was the last one that was ended.
    ``settle_after_ns`` is the newest frame at the time of the first good output: the frames lost
    are known once the backlog up to it is worked off. ``tiers``: all that were tried, in order;
    ``tier`` is the last of them. ``trusted``: no later checkpoint may be used by who takes over
    from a node that is killed for its errors.
    """

    number: int
    stamp_ns: int
    node: str
    stage: str
    detector: str
    error: str
    detected_ns: int
    tier: str = ''
    tiers: list[str] = field(default_factory=list)
    trusted: int = NO_CHECKPOINT
    recovered_by: str = ''
    resumed_from: int = NO_CHECKPOINT
    attempts: int = 0
    fault_id: str = ''
    fault_kind: str = ''
    has_frame: bool = True
    injected_ns: int = 0
    decided_ns: int = 0
    restored_ns: int = 0
    resumed_ns: int = 0
    first_good_output_ns: int = 0
    outcome: Outcome = Outcome.RECOVERED
    frames_lost: int = 0
    detail: str = field(default='')
    settle_after_ns: int = 0

    def escalate(self, tier: str) -> None:
        """Note that ``tier`` is tried now."""
        self.tier = tier
        self.tiers.append(tier)
        self.attempts += 1

    @property
    def recovered(self) -> bool:
        """Whether good output has been seen."""
        return self.first_good_output_ns != 0

    @property
    def first_missing_ns(self) -> int:
        """Stamp from which on output is missing."""
        return self.stamp_ns if self.has_frame else self.stamp_ns + 1
