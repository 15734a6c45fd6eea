# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from restage.checkpoint.boundaries import IMAGE, NO_CHECKPOINT
from restage.recovery.policy import (
    Decision,
    Tier,
    decide_death,
    decide_soft_error,
)

RETRY, DROP = Tier.RETRY_STAGE, Tier.DROP_FRAME


@pytest.mark.parametrize(
    ('attempt', 'latest', 'max_attempts', 'decision'),
    [
        # The first error: from the latest checkpoint, or the image where there is none.
        (0, 3, 2, Decision(RETRY, 3)),
        (0, 0, 2, Decision(RETRY, 0)),
        (0, IMAGE, 2, Decision(RETRY, IMAGE)),
        (0, NO_CHECKPOINT, 2, Decision(RETRY, IMAGE)),
        # A later one: the checkpoint may be wrong itself.
        (1, 3, 2, Decision(RETRY, IMAGE)),
        (1, NO_CHECKPOINT, 2, Decision(RETRY, IMAGE)),
        (2, 3, 3, Decision(RETRY, IMAGE)),
        # Enough.
        (2, 3, 2, Decision(DROP, NO_CHECKPOINT)),
        (3, 3, 2, Decision(DROP, NO_CHECKPOINT)),
        (0, 3, 0, Decision(DROP, NO_CHECKPOINT)),
        (1, 3, 1, Decision(DROP, NO_CHECKPOINT)),
    ],
)
def test_a_soft_error_is_retried_ever_further_back_and_then_given_up(
    attempt: int, latest: int, max_attempts: int, decision: Decision
) -> None:
    assert decide_soft_error(attempt, latest, max_attempts=max_attempts) == decision


@pytest.mark.parametrize(('ready', 'tier'), [(True, Tier.FAILOVER), (False, Tier.RESTART)])
def test_a_dead_primary_is_replaced_at_once_where_there_is_a_standby(
    ready: bool, tier: Tier
) -> None:
    assert decide_death(standby_ready=ready) is tier
