# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from restage.diagnosis.recovery import RecoveryStatuses
from restage.diagnosis.status import Level, Status
from restage.recovery.breaker import BreakerOptions
from restage.recovery.case import Outcome
from restage.recovery.coordinator import Coordinator, CoordinatorOptions

SECOND = 10**9
NOW = 10**15
INACTIVE, ACTIVE = 2, 3


@pytest.fixture
def coordinator() -> Coordinator:
    def nothing(*_: object) -> None:
        return None

    names = ('configure', 'marks', 'log', 'fence', 'order', 'finished')
    port: Any = SimpleNamespace(watch=lambda *_: True, **dict.fromkeys(names, nothing))
    options = CoordinatorOptions(breaker=BreakerOptions(failures=2, window_ns=10**18))
    return Coordinator(['a', 'b'], port, options)


def of(coordinator: Coordinator, statuses: RecoveryStatuses | None = None) -> dict[str, Status]:
    found = (statuses or RecoveryStatuses()).of(coordinator, NOW, excused=0)
    return {status.item: status for status in found}


def lead(coordinator: Coordinator) -> None:
    coordinator.on_heartbeat('a', 1, INACTIVE, 0)
    coordinator.on_heartbeat('a', 1, ACTIVE, 1)
    coordinator.on_published(5)
    coordinator.on_detected(5, NOW)


def test_roles_are_missing_ready_and_missing_again(coordinator: Coordinator) -> None:
    before = of(coordinator)
    assert (before['primary'].level, before['primary'].message) == (Level.WARN, 'none yet')
    assert before['standby'].level is Level.WARN

    lead(coordinator)
    assert of(coordinator)['standby'].level is Level.WARN
    coordinator.on_heartbeat('b', 2, INACTIVE, 0)
    ready = of(coordinator)
    assert (ready['primary'].level, ready['primary'].values['name']) == (Level.OK, 'a')
    assert (ready['standby'].level, ready['standby'].message) == (
        Level.OK,
        'b is ready to take over',
    )

    coordinator.on_death('a', 1, 'process_exit', 'process 1 ended', NOW)
    after = of(coordinator)
    assert after['primary'].values['name'] == 'b'
    assert after['standby'].level is Level.WARN
    assert after['standby'].values['state[a]'] == 'absent'
    assert after['detector process_exit'].message == 'found: a: process 1 ended'
    assert (after['last recovery'].level, after['last recovery'].values['tier']) == (
        Level.WARN,
        'failover',
    )


def test_without_anybody_left_images_are_not_worked_on(coordinator: Coordinator) -> None:
    lead(coordinator)
    coordinator.on_death('a', 1, 'stage_deadline', 'hung', NOW)
    found = of(coordinator)
    assert (found['primary'].level, found['primary'].message) == (
        Level.ERROR,
        'none: images are not worked on',
    )


@pytest.mark.parametrize(
    ('outcome', 'level'),
    [
        (Outcome.RECOVERED, Level.OK),
        (Outcome.FRAME_DROPPED, Level.WARN),
        (Outcome.FAILED, Level.ERROR),
    ],
)
def test_the_last_recovery_tells_how_it_went(
    coordinator: Coordinator, outcome: Outcome, level: Level
) -> None:
    lead(coordinator)
    coordinator.on_death('a', 1, 'process_exit', 'ended', NOW)
    (case,) = coordinator.cases.under_way
    case.outcome = outcome
    case.first_good_output_ns = 0 if outcome is Outcome.FAILED else NOW + 29_000_000
    coordinator.cases.settle(NOW + 100 * SECOND)
    last = of(coordinator)['last recovery']
    spent = '' if outcome is Outcome.FAILED else ' in 29.0 ms'
    assert last.level is level
    assert f': {outcome.name}{spent}, ' in last.message
    assert last.values['total_ms'] == (0.0 if outcome is Outcome.FAILED else 29.0)
    assert last.values['recoveries'] == 1


def test_an_open_breaker_is_an_error(coordinator: Coordinator) -> None:
    for _ in range(2):
        coordinator.breaker.failure(NOW)
    breaker = of(coordinator)['circuit breaker']
    assert (breaker.level, breaker.values['state'], breaker.values['opened']) == (
        Level.ERROR,
        'open',
        1,
    )


def test_lost_frames_and_frames_that_come_twice_are_told(coordinator: Coordinator) -> None:
    statuses = RecoveryStatuses()
    lead(coordinator)
    assert of(coordinator, statuses)['frames'].level is Level.OK
    coordinator.on_published(6)
    coordinator.on_detected(7, NOW)
    lost = of(coordinator, statuses)['frames']
    assert (lost.level, lost.values['lost[not_received]']) == (Level.WARN, 1)
    coordinator.on_detected(7, NOW)
    twice = of(coordinator, statuses)['frames']
    assert (twice.level, twice.values['duplicates']) == (Level.ERROR, 1)
