# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What is done about an error: pure decisions, no mechanism.

The ladder, for one frame: retry_stage, reload_weights, failover, drop_frame; for a dead primary:
failover, restart, degraded. docs/recovery.md shows it as tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from restage.accelerator.failure import Failure
from restage.checkpoint.boundaries import IMAGE, NO_CHECKPOINT
from restage.weights.keeper import NO_CLEAN_WEIGHTS, WEIGHTS

# Errors that nothing in the process can cure: the framework's context is lost (a sticky CUDA
# error), or there are no clean weights to be had.
INCURABLE = frozenset({Failure.CONTEXT_LOST.value, NO_CLEAN_WEIGHTS})


class Tier(str, Enum):
    """Recovery tiers, cheapest first."""

    RETRY_STAGE = 'retry_stage'
    RELOAD_WEIGHTS = 'reload_weights'
    RELOAD_MODEL = 'reload_model'
    FAILOVER = 'failover'
    RESTART = 'restart'
    DEGRADED = 'degraded'
    DROP_FRAME = 'drop_frame'


class Policy(str, Enum):
    """Which tiers are used: the ladder; the others are for comparison, each always the same."""

    LADDER = 'ladder'
    WHOLE_FRAME_RERUN = 'whole_frame_rerun'
    MODEL_RELOAD = 'model_reload'
    STANDBY_FAILOVER = 'standby_failover'
    PROCESS_RESET = 'process_reset'


@dataclass(frozen=True)
class Decision:
    """Do ``tier``; resume from ``boundary`` at the latest (-1: the image)."""

    tier: Tier
    boundary: int = NO_CHECKPOINT


@dataclass(frozen=True, kw_only=True)
class Situation:
    """
    An error that left the process alive.

    ``attempt``: tries of this frame in this node before, from 0. ``latest``: the latest boundary
    checkpointed in front of the error, or NO_CHECKPOINT. ``can_fail_over``: a standby is ready
    and the breaker lets it. ``failed_over``: the frame has erred in another node already: it is
    the frame that is poison, not the node. ``overdue``: the frame has had its time.
    """

    detector: str
    attempt: int
    latest: int = NO_CHECKPOINT
    can_fail_over: bool = False
    failed_over: bool = False
    overdue: bool = False


def decide_soft_error(
    situation: Situation, *, max_attempts: int, policy: Policy = Policy.LADDER
) -> Decision:
    """
    Decide about an error that left the process alive.

    The first try resumes from the latest checkpoint. A second error on the same frame means that
    weights or the checkpoint itself may be wrong (a corrupted value can pass one detector and trip
    a later one): the weights are brought back and the frame starts anew from its image. After
    ``max_attempts`` tries the standby takes over. A frame that has had its time, or that errs in
    the standby as well, is dropped, so that the next one is not late too.
    """
    attempt = situation.attempt
    if situation.overdue or (attempt >= max_attempts and situation.failed_over):
        return Decision(Tier.DROP_FRAME)
    if policy is not Policy.LADDER:
        forced = _forced(situation, max_attempts, policy)
        if forced is not None:
            return forced
    if attempt >= max_attempts or situation.detector in INCURABLE:
        can = situation.can_fail_over and not situation.failed_over
        if can:
            return Decision(Tier.FAILOVER, _trusted(situation))
        return Decision(Tier.DROP_FRAME)
    if attempt == 0:
        damaged = situation.detector == WEIGHTS
        tier = Tier.RELOAD_WEIGHTS if damaged else Tier.RETRY_STAGE
        return Decision(tier, _trusted(situation))
    return Decision(Tier.RELOAD_WEIGHTS, IMAGE)


def _trusted(situation: Situation) -> int:
    """Return the boundary to resume from: of a frame that errs again, none but the image."""
    again = situation.attempt > 0 or situation.latest == NO_CHECKPOINT
    return IMAGE if again else situation.latest


def _forced(situation: Situation, max_attempts: int, policy: Policy) -> Decision | None:
    """Return what a policy other than the ladder always does; None where it cannot."""
    if policy is Policy.PROCESS_RESET:
        return Decision(Tier.RESTART)
    if policy is Policy.STANDBY_FAILOVER:
        can = situation.can_fail_over and not situation.failed_over
        return Decision(Tier.FAILOVER, _trusted(situation)) if can else None
    if situation.attempt >= max_attempts:
        return Decision(Tier.DROP_FRAME)
    if policy is Policy.MODEL_RELOAD:
        return Decision(Tier.RELOAD_MODEL, IMAGE)
    damaged = situation.detector == WEIGHTS
    return Decision(Tier.RELOAD_WEIGHTS if damaged else Tier.RETRY_STAGE, IMAGE)


def decide_death(
    *, standby_ready: bool, breaker_allows: bool = True, policy: Policy = Policy.LADDER
) -> Tier:
    """
    Decide about a dead primary: the standby if there is one, else its respawn.

    With the breaker open nothing is promoted before its backoff is over.
    """
    if not breaker_allows:
        return Tier.DEGRADED
    if policy is Policy.PROCESS_RESET or not standby_ready:
        return Tier.RESTART
    return Tier.FAILOVER
