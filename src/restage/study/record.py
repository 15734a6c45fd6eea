# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A trial in numbers and words: what the journal keeps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from restage.study.difference import Difference, Floats, compare
from restage.study.events import EventReader
from restage.study.launch import Ended
from restage.study.outcome import Answer, judge
from restage.study.request import LATER, START, STRUCK

Golden = Sequence[Sequence[Floats]]
START_PHASES = ('process_start', 'import', 'load', 'first_inference')


@dataclass(frozen=True, kw_only=True)
class TrialRecord:
    """
    What became of a trial.

    ``difference``: of the struck answer. ``seen``: the error detector of Restage that sees it in
    the outputs. ``known_after_ms``: from the mistake to an exception, the end of the process or the
    deadline. ``start_ms``: by phase, what it took to a first right output, before the mistake.
    ``left``: processes it had left behind.
    """

    framework: str
    version: str
    mistake: str
    number: int
    seed: int
    outcome: str
    later: str
    usable: bool
    signal: int | None
    code: int | None
    error: str
    said: str
    difference: dict[str, Any] | None
    seen: str
    known_after_ms: float | None
    start_ms: dict[str, float]
    left: int

    @property
    def key(self) -> tuple[str, str, int]:
        """What no two trials share."""
        return self.framework, self.mistake, self.number

    def as_data(self) -> dict[str, Any]:
        """Return it in JSON's types."""
        return asdict(self)


def start_ms(events: EventReader, ended: Ended) -> dict[str, float] | None:
    """Return how long each phase of the start took; None if it did not come to its end."""
    times = [ended.spawned_ns]
    for name in ('began', 'imported', 'loaded', 'first'):
        event = events.find(name)
        if event is None:
            return None
        times.append(int(event['t']))
    ready = events.find('ready')
    first = int(ready['t']) if ready else times[3]
    # Reading the pictures is no part of a start.
    ends = [*times[1:4], times[4] - (first - times[3])]
    found = zip(START_PHASES, zip(times[:4], ends, strict=True), strict=True)
    return {name: round((end - begin) / 1e6, 3) for name, (begin, end) in found}


def answer_of(events: EventReader, name: str, golden: Sequence[Floats]) -> Answer | None:
    """Return what a call came back with, by the name of its event."""
    event = events.find(name) or (events.find('exception') if name == 'answer' else None)
    if event is None:
        return None
    if 'error' in event:
        return Answer(error=f'{event["error"]}: {event.get("text", "")}')
    outputs = events.outputs(name)
    return None if outputs is None else Answer(difference=compare(golden, outputs))


def started_right(events: EventReader, golden: Golden) -> bool:
    """Return whether the trial came to its mistake, with a right answer before it."""
    first = answer_of(events, 'first', golden[START])
    return events.find('mistake') is not None and first is not None and first.right


def verdict_of(
    events: EventReader, ended: Ended, golden: Golden
) -> tuple[dict[str, Any], Difference | None]:
    """Return the fields of a record that are the outcome, and the difference if there is one."""
    answer = answer_of(events, 'answer', golden[STRUCK])
    later = [answer_of(events, f'later{place}', golden[index]) for place, index in enumerate(LATER)]
    verdict = judge(answer, later, events.find('finished') is not None, ended)
    difference = answer.difference if answer is not None else None
    return {
        'outcome': verdict.outcome.value,
        'later': verdict.later,
        'usable': verdict.usable,
        'signal': ended.signal,
        'code': ended.code,
        'error': _error(answer, later),
        'said': ended.said,
        'difference': None if difference is None else asdict(difference),
        'known_after_ms': _known(events, ended, answer),
        'left': ended.left,
    }, difference


def _error(answer: Answer | None, later: Sequence[Answer | None]) -> str:
    return next((one.error for one in (answer, *later) if one is not None and one.error), '')


def _known(events: EventReader, ended: Ended, answer: Answer | None) -> float | None:
    began = events.find('struck') or events.find('mistake')
    if began is None or (answer is not None and not answer.error):
        return None
    raised = events.find('exception')
    end = int(raised['t']) if raised is not None else ended.ended_ns
    return round((end - int(began['t'])) / 1e6, 3)
