# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from itertools import product
from typing import NamedTuple

import pytest

from restage.checkpoint.boundaries import IMAGE, NO_CHECKPOINT
from restage.recovery.policy import (
    INCURABLE,
    Decision,
    Policy,
    Situation,
    Tier,
    decide_death,
    decide_soft_error,
)
from restage.weights.keeper import NO_CLEAN_WEIGHTS, WEIGHTS

LADDER, RERUN, RELOAD, STANDBY, RESET = Policy
MAX_ATTEMPTS = 2
LATEST = 3
NO, YES = (False,), (True,)
EITHER = (False, True)

# What an error can be: curable by running again, damaged weights, or nothing to be done about.
CURABLE = ('finite', 'exception', 'range')
DAMAGED = (WEIGHTS,)
LOST = tuple(INCURABLE)
ANY = (*CURABLE, *DAMAGED, *LOST)
FIRST, SECOND, LATER = (0,), (1,), (2, 3)
ALL = (*FIRST, *SECOND, *LATER)


class Row(NamedTuple):
    """Situations by the values they can have, and what is decided in all of them."""

    policies: tuple[Policy, ...]
    attempts: tuple[int, ...]
    detectors: tuple[str, ...]
    standby: tuple[bool, ...]
    failed_over: tuple[bool, ...]
    overdue: tuple[bool, ...]
    decision: Decision


DROP = Decision(Tier.DROP_FRAME, NO_CHECKPOINT)
# What errs again is resumed from no checkpoint but the image.
FAILOVER = Decision(Tier.FAILOVER, IMAGE)
RESTART = Decision(Tier.RESTART, NO_CHECKPOINT)


def rows() -> list[Row]:
    return [
        Row(tuple(Policy), ALL, ANY, EITHER, EITHER, YES, DROP),
        # The ladder. The first try: from the latest checkpoint.
        Row((LADDER,), FIRST, CURABLE, EITHER, EITHER, NO, Decision(Tier.RETRY_STAGE, LATEST)),
        Row((LADDER,), FIRST, DAMAGED, EITHER, EITHER, NO, Decision(Tier.RELOAD_WEIGHTS, LATEST)),
        # The second: weights and checkpoints may be wrong without being seen to be.
        Row(
            (LADDER,),
            SECOND,
            (*CURABLE, *DAMAGED),
            EITHER,
            EITHER,
            NO,
            Decision(Tier.RELOAD_WEIGHTS, IMAGE),
        ),
        # Enough tries, or no use in any: the standby, unless it has had the frame already.
        Row((LADDER,), LATER, ANY, YES, NO, NO, FAILOVER),
        Row((LADDER,), LATER, ANY, NO, EITHER, NO, DROP),
        Row((LADDER,), LATER, ANY, YES, YES, NO, DROP),
        Row((LADDER,), FIRST, LOST, YES, NO, NO, Decision(Tier.FAILOVER, LATEST)),
        Row((LADDER,), SECOND, LOST, YES, NO, NO, FAILOVER),
        Row((LADDER,), (0, 1), LOST, NO, EITHER, NO, DROP),
        Row((LADDER,), (0, 1), LOST, YES, YES, NO, DROP),
        # The whole frame, as often; damaged weights must be brought back for that to be of use.
        Row(
            (RERUN,),
            (0, 1),
            (*CURABLE, *LOST),
            EITHER,
            EITHER,
            NO,
            Decision(Tier.RETRY_STAGE, IMAGE),
        ),
        Row((RERUN,), (0, 1), DAMAGED, EITHER, EITHER, NO, Decision(Tier.RELOAD_WEIGHTS, IMAGE)),
        Row((RERUN,), LATER, ANY, EITHER, EITHER, NO, DROP),
        # The model anew, as often.
        Row((RELOAD,), (0, 1), ANY, EITHER, EITHER, NO, Decision(Tier.RELOAD_MODEL, IMAGE)),
        Row((RELOAD,), LATER, ANY, EITHER, EITHER, NO, DROP),
        # The standby at once; where there is none to be had, as the ladder.
        Row((STANDBY,), FIRST, ANY, YES, NO, NO, Decision(Tier.FAILOVER, LATEST)),
        Row((STANDBY,), (*SECOND, *LATER), ANY, YES, NO, NO, FAILOVER),
        Row((STANDBY,), FIRST, CURABLE, NO, EITHER, NO, Decision(Tier.RETRY_STAGE, LATEST)),
        Row((STANDBY,), FIRST, CURABLE, YES, YES, NO, Decision(Tier.RETRY_STAGE, LATEST)),
        Row((STANDBY,), FIRST, DAMAGED, NO, EITHER, NO, Decision(Tier.RELOAD_WEIGHTS, LATEST)),
        Row((STANDBY,), FIRST, DAMAGED, YES, YES, NO, Decision(Tier.RELOAD_WEIGHTS, LATEST)),
        Row(
            (STANDBY,),
            SECOND,
            (*CURABLE, *DAMAGED),
            NO,
            EITHER,
            NO,
            Decision(Tier.RELOAD_WEIGHTS, IMAGE),
        ),
        Row(
            (STANDBY,),
            SECOND,
            (*CURABLE, *DAMAGED),
            YES,
            YES,
            NO,
            Decision(Tier.RELOAD_WEIGHTS, IMAGE),
        ),
        Row((STANDBY,), (0, 1), LOST, NO, EITHER, NO, DROP),
        Row((STANDBY,), (0, 1), LOST, YES, YES, NO, DROP),
        Row((STANDBY,), LATER, ANY, NO, EITHER, NO, DROP),
        Row((STANDBY,), LATER, ANY, YES, YES, NO, DROP),
        # The process anew, whatever it is.
        Row((RESET,), ALL, ANY, EITHER, NO, NO, RESTART),
        Row((RESET,), (0, 1), ANY, EITHER, YES, NO, RESTART),
        Row((RESET,), LATER, ANY, EITHER, YES, NO, DROP),
    ]


def cells(row: Row) -> set[tuple[object, ...]]:
    return set(product(*row[:-1]))


@pytest.mark.parametrize('row', rows())
def test_a_soft_error_is_decided_as_the_table_says(row: Row) -> None:
    for policy, attempt, detector, standby, failed_over, overdue in product(*row[:-1]):
        situation = Situation(
            detector=detector,
            attempt=attempt,
            latest=LATEST,
            can_fail_over=standby,
            failed_over=failed_over,
            overdue=overdue,
        )
        decision = decide_soft_error(situation, max_attempts=MAX_ATTEMPTS, policy=policy)
        assert decision == row.decision, (policy, situation)


def test_the_table_has_every_situation_exactly_once() -> None:
    everything = set(product(Policy, ALL, ANY, EITHER, EITHER, EITHER))
    listed = [cell for row in rows() for cell in cells(row)]
    assert len(listed) == len(everything)
    assert set(listed) == everything


@pytest.mark.parametrize('latest', [3, 0, IMAGE])
@pytest.mark.parametrize('detector', ['finite', WEIGHTS])
def test_the_first_try_resumes_from_the_latest_checkpoint(detector: str, latest: int) -> None:
    decision = decide_soft_error(
        Situation(detector=detector, attempt=0, latest=latest), max_attempts=2
    )
    assert decision.boundary == latest


@pytest.mark.parametrize('detector', ['finite', WEIGHTS])
def test_without_a_checkpoint_the_first_try_starts_at_the_image(detector: str) -> None:
    decision = decide_soft_error(
        Situation(detector=detector, attempt=0, latest=NO_CHECKPOINT), max_attempts=2
    )
    assert decision.boundary == IMAGE


@pytest.mark.parametrize('most', [0, 1, 2, 5])
def test_there_are_as_many_tries_as_allowed_and_not_one_more(most: int) -> None:
    tiers = [
        decide_soft_error(Situation(detector='finite', attempt=attempt), max_attempts=most).tier
        for attempt in range(most + 3)
    ]
    tried = [Tier.RETRY_STAGE, *[Tier.RELOAD_WEIGHTS] * 5][:most]
    assert tiers == [*tried, *[Tier.DROP_FRAME] * 3]


def test_lost_clean_weights_are_among_what_no_process_can_cure_by_itself() -> None:
    assert NO_CLEAN_WEIGHTS in INCURABLE
    assert WEIGHTS not in INCURABLE


@pytest.mark.parametrize(
    ('policies', 'standby', 'allows', 'tier'),
    [
        # With the breaker open nobody is promoted, whoever is ready.
        (tuple(Policy), EITHER, NO, Tier.DEGRADED),
        ((LADDER, RERUN, RELOAD, STANDBY), YES, YES, Tier.FAILOVER),
        ((LADDER, RERUN, RELOAD, STANDBY), NO, YES, Tier.RESTART),
        ((RESET,), EITHER, YES, Tier.RESTART),
    ],
)
def test_a_death_is_decided_as_the_table_says(
    policies: tuple[Policy, ...], standby: tuple[bool, ...], allows: tuple[bool, ...], tier: Tier
) -> None:
    for policy, ready, allowed in product(policies, standby, allows):
        assert decide_death(standby_ready=ready, breaker_allows=allowed, policy=policy) is tier
