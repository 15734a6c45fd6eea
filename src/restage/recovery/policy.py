# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What is done about an error: pure decisions, no mechanism."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from restage.checkpoint.boundaries import IMAGE, NO_CHECKPOINT


class Tier(str, Enum):
    """Recovery tiers, cheapest first."""

    RETRY_STAGE = 'retry_stage'
    FAILOVER = 'failover'
    RESTART = 'restart'
    DROP_FRAME = 'drop_frame'


@dataclass(frozen=True)
class Decision:
    """Do ``tier``; resume from ``boundary`` at the latest (-1: the image)."""

    tier: Tier
    boundary: int


def decide_soft_error(attempt: int, latest: int, *, max_attempts: int) -> Decision:
    """
    Decide about an error that left the process alive.

    The first try resumes from the latest checkpoint. A second error on the same frame means that
    the checkpoint itself may be wrong (a corrupted value can pass one detector and trip a later
    one): from there on the frame starts anew from its image. After ``max_attempts`` tries the
    frame is given up, so that the next one is not late as well.

    :param attempt: tries of this frame before, from 0.
    :param latest: the latest boundary checkpointed, or NO_CHECKPOINT.
    """
    if attempt >= max_attempts:
        return Decision(Tier.DROP_FRAME, NO_CHECKPOINT)
    if attempt == 0 and latest != NO_CHECKPOINT:
        return Decision(Tier.RETRY_STAGE, latest)
    return Decision(Tier.RETRY_STAGE, IMAGE)


def decide_death(*, standby_ready: bool) -> Tier:
    """Decide about a dead primary: the standby if there is one, else wait for its respawn."""
    return Tier.FAILOVER if standby_ready else Tier.RESTART
