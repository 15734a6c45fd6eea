# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The one rule by which a trial is judged."""

from __future__ import annotations

import pytest

from restage.study.difference import Difference
from restage.study.launch import Ended
from restage.study.outcome import Answer, Outcome, judge

RIGHT = Answer(Difference(within=True))
WRONG = Answer(Difference(within=False, largest=3.0))
RAISED = Answer(error='RuntimeError: no')
ALL_RIGHT = [RIGHT, RIGHT, RIGHT]


def ended(code: int | None = 0, signal: int | None = None, overdue: str = '') -> Ended:
    return Ended(code, signal, overdue, 0, 1, '', 0)


@pytest.mark.parametrize(
    ('answer', 'later', 'finished', 'end', 'outcome', 'word', 'usable'),
    [
        (RIGHT, ALL_RIGHT, True, ended(), 'masked', 'right', True),
        (RAISED, ALL_RIGHT, True, ended(), 'clean_exception', 'right', True),
        (WRONG, ALL_RIGHT, True, ended(), 'sdc', 'right', True),
        (None, [None] * 3, False, ended(None, 11), 'crash', 'not_reached', False),
        (None, [None] * 3, False, ended(3), 'crash', 'not_reached', False),
        (None, [None] * 3, False, ended(None, None, 'mistake'), 'hang', 'not_reached', False),
        # What fails later is worse than what it came back with, unless that was wrong already.
        (RIGHT, [RIGHT, WRONG, RIGHT], True, ended(), 'delayed_failure', 'wrong_output', False),
        (RIGHT, [RIGHT, RAISED, RIGHT], True, ended(), 'delayed_failure', 'exception', False),
        (RAISED, [None] * 3, False, ended(None, 6), 'delayed_failure', 'crash', False),
        (RIGHT, [RIGHT, None, None], False, ended(None, None, 'later'), 'delayed_failure', 'hang',
         False),
        (WRONG, [WRONG, WRONG, WRONG], True, ended(), 'sdc', 'wrong_output', False),
        (WRONG, [None] * 3, False, ended(None, 11), 'sdc', 'crash', False),
        # The process was of use to its end.
        (RIGHT, ALL_RIGHT, True, ended(None, 6), 'delayed_failure', 'crash_at_exit', True),
        (RIGHT, ALL_RIGHT, True, ended(1), 'delayed_failure', 'crash_at_exit', True),
        (RAISED, ALL_RIGHT, True, ended(None, None, 'exit'), 'delayed_failure', 'hang_at_exit',
         True),
        (WRONG, ALL_RIGHT, True, ended(None, 6), 'sdc', 'crash_at_exit', True),
    ],
)  # fmt: skip
def test_every_course_of_a_trial_has_one_outcome(
    answer, later, finished, end, outcome, word, usable
):
    verdict = judge(answer, later, finished, end)
    assert (verdict.outcome.value, verdict.later, verdict.usable) == (outcome, word, usable)


def test_the_outcomes_are_those_of_the_document():
    assert [outcome.value for outcome in Outcome] == [
        'masked', 'clean_exception', 'sdc', 'delayed_failure', 'crash', 'hang',
    ]  # fmt: skip
