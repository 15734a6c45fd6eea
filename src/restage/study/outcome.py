# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""
What a trial came to: the one rule.

1. The call with the mistake never came back: ``crash`` if the process ended, ``hang`` if it was
   overdue and had to be killed.
2. It came back with an output beyond the tolerance: ``sdc``, silent data corruption. Nobody was
   told, whatever comes later.
3. It came back with the right output or with an exception, and later something clean failed (an
   output beyond the tolerance, an exception, a crash, a hang, or an end of the process that is not
   code 0): ``delayed_failure``.
4. Otherwise: ``clean_exception`` if it raised, ``masked`` if its output was right.

The process is usable afterwards if every later clean inference was right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from restage.study.difference import Difference
from restage.study.launch import Ended


class Outcome(str, Enum):
    """What a trial came to."""

    MASKED = 'masked'
    CLEAN_EXCEPTION = 'clean_exception'
    SDC = 'sdc'
    DELAYED_FAILURE = 'delayed_failure'
    CRASH = 'crash'
    HANG = 'hang'


@dataclass(frozen=True)
class Answer:
    """What a call came back with: the ``difference`` of its output, or the ``error`` it raised."""

    difference: Difference | None = None
    error: str = ''

    @property
    def right(self) -> bool:
        """Whether it is an output within the tolerance."""
        return self.difference is not None and self.difference.within


@dataclass(frozen=True)
class Verdict:
    """The outcome; what happened ``later`` in a word; whether the process was usable after it."""

    outcome: Outcome
    later: str
    usable: bool


def judge(
    answer: Answer | None, later: Sequence[Answer | None], finished: bool, ended: Ended
) -> Verdict:
    """
    Apply the rule.

    :param answer: of the call with the mistake; None: it never came back.
    :param later: of the clean inferences, in their order; None: one never came back.
    :param finished: whether the application reached its end.
    """
    if answer is None:
        outcome = Outcome.HANG if ended.overdue else Outcome.CRASH
        return Verdict(outcome, 'not_reached', usable=False)
    happened = _later(later, finished, ended)
    usable = all(one is not None and one.right for one in later)
    if not answer.right and not answer.error:
        return Verdict(Outcome.SDC, happened, usable)
    if happened != 'right':
        return Verdict(Outcome.DELAYED_FAILURE, happened, usable)
    outcome = Outcome.CLEAN_EXCEPTION if answer.error else Outcome.MASKED
    return Verdict(outcome, happened, usable)


def _later(later: Sequence[Answer | None], finished: bool, ended: Ended) -> str:
    """Return the first thing that went wrong later."""
    for answer in later:
        if answer is None:
            return 'hang' if ended.overdue else 'crash'
        if answer.error:
            return 'exception'
        if not answer.right:
            return 'wrong_output'
    if ended.overdue:
        return 'hang_at_exit'
    if not finished or ended.signal is not None or ended.code != 0:
        return 'crash_at_exit'
    return 'right'
