# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""When a goal is met, missed, or cannot be told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from restage.bench.beyond import beyond_compute_ms
from restage.bench.document import build
from restage.bench.overhead import Overhead
from restage.bench.trial import Trial

GOOD_BANDWIDTH = [{'percent_of_memcpy': 75.0}, {'percent_of_memcpy': 90.0}]


def goals(
    trials: list[Trial],
    settings: dict[str, Any],
    overhead: Overhead | None = None,
    bandwidth: list[dict[str, float]] | None = None,
) -> dict[str, dict[str, Any]]:
    found = build(trials, {}, overhead, bandwidth or [], settings)['goals']
    names = ('soft', 'lost', 'same', 'death', 'hang', 'ratio', 'overhead', 'bandwidth')
    return dict(zip(names, found, strict=True))


def test_all_met(trials: list[Trial], settings: dict[str, Any], overhead: Overhead) -> None:
    found = goals(trials, settings, overhead, GOOD_BANDWIDTH)
    assert {name: goal['met'] for name, goal in found.items()} == dict.fromkeys(found, True)
    assert found['bandwidth']['measured'] == 75.0
    assert found['soft']['measured'] <= 33.3
    assert 'n >= 10' in found['soft']['note']


def slower(trial: Trial, by_ms: float) -> Trial:
    return replace(trial, first_good_ns=trial.first_good_ns + round(by_ms * 1e6))


@pytest.mark.parametrize(
    ('arm', 'fault', 'name'),
    [
        ('stage_resume', 'nan', 'soft'),
        ('standby_failover', 'sigsegv', 'death'),
        ('standby_failover', 'sigstop', 'hang'),
    ],
)
def test_one_slow_trial_of_one_class_is_enough_to_miss(
    trials: list[Trial], settings: dict[str, Any], arm: str, fault: str, name: str
) -> None:
    number = next(i for i, one in enumerate(trials) if (one.arm, one.fault) == (arm, fault))
    late = [slower(one, 80) if i == number else one for i, one in enumerate(trials)]
    found = goals(late, settings)
    assert [key for key, goal in found.items() if goal['met'] is False] == [name]
    never = [
        replace(one, first_good_ns=0, outcome='failed') if i == number else one
        for i, one in enumerate(trials)
    ]
    found = goals(never, settings)[name]
    assert (found['met'], found['measured']) == (False, None)
    assert 'never recovered' in found['note']


def test_lost_and_wrong_frames(trials: list[Trial], settings: dict[str, Any]) -> None:
    worse = [replace(one, frames_lost=2, wrong=1) for one in trials]
    found = goals(worse, settings)
    assert (found['lost']['measured'], found['lost']['met']) == (2, False)
    assert (found['same']['measured'], found['same']['met']) == (False, False)


def test_nothing_is_met_that_was_not_measured(
    trials: list[Trial], settings: dict[str, Any]
) -> None:
    assert {goal['met'] for goal in goals([], settings).values()} == {None}
    some = [one for one in trials if one.fault == 'nan']
    found = goals(some, settings)
    assert found['soft']['met'] is None and found['soft']['measured'] is not None
    assert found['soft']['note'].endswith('not measured: exception')
    assert found['same']['met'] is None
    assert goals(trials, {'seed': 1})['death']['met'] is None


def test_costs_are_judged(
    trials: list[Trial], settings: dict[str, Any], overhead: Overhead
) -> None:
    dear = replace(overhead, percent=1.4)
    found = goals(trials, settings, dear, [*GOOD_BANDWIDTH, {'percent_of_memcpy': 60.0}])
    assert (found['overhead']['met'], found['bandwidth']['met']) == (False, False)
    assert '0.70 to 0.90' in found['overhead']['note']


def test_what_remained_to_be_computed_is_subtracted() -> None:
    trial = Trial(
        arm='standby_failover',
        fault='sigkill',
        number=0,
        injected_ns=1,
        stage='neck',
        first_good_ns=40_000_001,
    )
    stages = {'backbone': 7.0, 'neck': 3.0, 'head': 2.0, 'decode': 1.0}
    assert beyond_compute_ms([trial], {'frame_ms': 13.0}) == [27.0]
    assert beyond_compute_ms([trial], {'frame_ms': 13.0, 'stage_ms': stages}) == [37.0]
    elsewhere = replace(trial, stage='unknown')
    assert beyond_compute_ms([elsewhere], {'stage_ms': stages}) == [40.0]
    assert beyond_compute_ms([trial], {}) == []


def test_the_note_says_which_bound_it_is(trials: list[Trial], settings: dict[str, Any]) -> None:
    assert 'lower bound' in goals(trials, settings)['death']['note']
    settings['stage_ms'] = {'neck': 3.0}
    assert 'upper bound' in goals(trials, settings)['death']['note']
