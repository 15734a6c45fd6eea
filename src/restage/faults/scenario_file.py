# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Scenario files: YAML, checked to the last key before the first fault."""

from __future__ import annotations

import re
from pathlib import Path

from restage.faults.enums import Persistence, When, member
from restage.faults.errors import FaultError
from restage.faults.kind import FaultKind
from restage.faults.parameters import Value
from restage.faults.scenario import OUTCOMES, TIERS, Expect, PlannedFault, Repeat, Scenario
from restage.faults.section import Section
from restage.faults.taxonomy import find_kind
from restage.yaml_file import YamlError, read_yaml

SCHEMA = 1
NAME = re.compile(r'[A-Za-z0-9][A-Za-z0-9_\-]{0,63}')
SCENARIO_KEYS = ('schema', 'name', 'description', 'seed', 'faults')
FAULT_KEYS = (
    'at_s',
    'kind',
    'target',
    'stage',
    'when',
    'persistence',
    'after_frames',
    'probability',
    'duration_s',
    'parameters',
    'repeat',
    'expect',
)
EXPECT_KEYS = ('tier', 'outcome', 'recovers_within_ms', 'frames_lost_at_most')
MOST_REPEATS = 100_000


def load_scenario(path: str | Path) -> Scenario:
    """
    Return the scenario in the YAML file at ``path``.

    :raises FaultError: when it cannot be read or is not valid; names file, key, value and
        what is accepted.
    """
    file = Path(path).expanduser()
    try:
        data = read_yaml(file)
    except YamlError as error:
        raise FaultError(f'{file}: {error}') from None
    return parse_scenario(data, str(file))


def parse_scenario(data: object, source: str) -> Scenario:
    """
    Return the scenario that ``data`` (what YAML gave) describes.

    :param source: How messages name the document.
    :raises FaultError: when it is not valid.
    """
    top = Section(data, source, accepted=SCENARIO_KEYS)
    top.integer('schema', low=SCHEMA, high=SCHEMA)
    name = top.text('name')
    if not NAME.fullmatch(name):
        raise top.refused('name', name, 'letters, digits, _ and -, at most 64')
    entries = top.raw('faults')
    if not isinstance(entries, list) or not entries:
        raise top.refused('faults', entries, 'a list of at least one fault')
    return Scenario(
        name=name,
        description=top.text('description', ''),
        seed=top.integer('seed', 0, low=0, high=2**64 - 1),
        faults=tuple(
            _planned_fault(Section(entry, source, f'faults[{index}]', accepted=FAULT_KEYS))
            for index, entry in enumerate(entries)
        ),
    )


def _planned_fault(entry: Section) -> PlannedFault:
    at_s = entry.number('at_s')
    name = entry.text('kind')
    try:
        kind = find_kind(name)
        when = entry.text('when', kind.default_when.name.lower())
        planned = PlannedFault(
            at_s=at_s,
            kind=name,
            target=entry.text('target', kind.default_target),
            stage=entry.text('stage', ''),
            when=member(When, when),
            persistence=member(Persistence, entry.text('persistence', 'transient')),
            after_frames=entry.integer('after_frames', 0, low=0, high=2**32 - 1),
            probability=entry.number('probability', 1.0),
            duration_s=entry.number('duration_s', 0.0),
            parameters=_parameters(entry, kind),
            repeat=_repeat(entry),
            expect=_expect(entry),
        )
        planned.fault('check', 0)
    except FaultError as error:
        text = str(error)
        where = '' if text.startswith(f'{entry.source}: ') else f'{entry.label}: '
        raise FaultError(f'{where}{text}') from None
    return planned


def _parameters(entry: Section, kind: FaultKind) -> dict[str, Value]:
    if 'parameters' not in entry:
        return kind.complete({})
    accepted = tuple(spec.name for spec in kind.parameters)
    given = entry.inner('parameters', accepted)
    return kind.complete({name: given.raw(name) for name in accepted if name in given})


def _repeat(entry: Section) -> Repeat | None:
    if 'repeat' not in entry:
        return None
    repeat = entry.inner('repeat', ('every_s', 'times'))
    return Repeat(
        every_s=repeat.number('every_s', above=True),
        times=repeat.integer('times', low=1, high=MOST_REPEATS),
    )


def _expect(entry: Section) -> Expect | None:
    if 'expect' not in entry:
        return None
    expect = entry.inner('expect', EXPECT_KEYS)
    tier = expect.text('tier', '')
    if tier and tier not in TIERS:
        raise expect.refused('tier', tier, f'one of {", ".join(TIERS)}')
    outcome = expect.text('outcome', '')
    if outcome and outcome not in OUTCOMES:
        raise expect.refused('outcome', outcome, f'one of {", ".join(OUTCOMES)}')
    within: float | None = None
    lost: int | None = None
    if 'recovers_within_ms' in expect:
        within = expect.number('recovers_within_ms', above=True)
    if 'frames_lost_at_most' in expect:
        lost = expect.integer('frames_lost_at_most', low=0, high=2**31 - 1)
    return Expect(tier=tier, outcome=outcome, recovers_within_ms=within, frames_lost_at_most=lost)
