# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Precision, recall and their intervals."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from restage.coverage.proportion import proportion
from restage.coverage.statistics import by_kind, detector_quality, outcomes, stack_quality
from restage.coverage.trial import CleanFrame, FaultTrial


def trial(outcome: str = 'sdc', *, lost: int = 0, changed: bool = True, alarms=(), kind='k'):
    return FaultTrial(
        number=0,
        sequence='s',
        frame=0,
        kind=kind,
        persistence='transient',
        stage='neck',
        detail='',
        changed=changed,
        outcome=outcome,
        lost=lost,
        alarms=dict.fromkeys(alarms, 1_500.0),
    )


def frames(count: int, *alarms: str) -> list[CleanFrame]:
    return [
        CleanFrame(
            sequence='s', frame=number, alarms=dict.fromkeys(alarms if not number else (), 'x')
        )
        for number in range(count)
    ]


def test_wilson_as_in_the_books():
    found = proportion(8, 10)
    assert found['value'] == 0.8
    assert found['ci95'] == pytest.approx([0.490162, 0.943318], abs=1e-6)
    assert proportion(0, 100)['ci95'] == pytest.approx([0.0, 0.036993], abs=1e-6)
    assert proportion(0, 0)['value'] is None


@given(st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_an_interval_holds_its_value(pair):
    found = proportion(*pair)
    low, high = found['ci95']
    assert 0.0 <= low <= found['value'] + 1e-6
    assert found['value'] - 1e-6 <= high <= 1.0


def test_recall_is_of_critical_faults_and_precision_of_all_alarms():
    trials = [
        trial(lost=1, alarms=['range']),
        trial(lost=1),
        trial(alarms=['range', 'finite']),
        trial('masked'),
        trial('masked', changed=False, alarms=['range']),
        trial('due_exception', alarms=['exception']),
    ]
    found = stack_quality(trials, frames(100, 'plausibility'))
    assert (found['recall_critical']['count'], found['recall_critical']['of']) == (2, 3)
    assert (found['precision']['count'], found['precision']['of']) == (3, 5)
    assert (found['precision_critical']['count'], found['precision_critical']['of']) == (2, 5)
    assert (found['recall_sdc_critical']['count'], found['recall_sdc_critical']['of']) == (1, 2)
    assert found['false_positive_rate']['value'] == 0.01


def test_a_detector_answers_for_its_own_alarms_only():
    trials = [trial(lost=1, alarms=['range']), trial(lost=1, alarms=['range', 'finite'])]
    found = detector_quality('range', trials, frames(10, 'finite'))
    assert found['alarms'] == 2
    assert found['critical_seen_by_it_alone'] == 1
    assert found['false_positive_rate']['count'] == 0
    assert found['latency_ms']['p50'] == 1.5
    assert detector_quality('finite', trials, frames(10, 'finite'))['precision']['of'] == 2


def test_outcomes_are_counted_by_kind():
    trials = [trial(lost=1, kind='a'), trial(kind='a'), trial('masked', kind='b')]
    assert outcomes(trials) == {
        'masked': 1,
        'sdc': 2,
        'due_exception': 0,
        'due_nan': 0,
        'sdc_critical': 1,
    }
    kinds = by_kind(trials)
    assert kinds['a']['ivmod']['value'] == 0.5
    assert kinds['b']['recall_critical']['value'] is None
