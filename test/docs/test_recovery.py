# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""docs/recovery.md says what the code does, and names tests that exist."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from functools import cache
from importlib import import_module
from itertools import product
from pathlib import Path

import pytest

from restage.checkpoint.boundaries import IMAGE, NO_CHECKPOINT
from restage.faults.taxonomy import KINDS
from restage.recovery.breaker import BreakerState
from restage.recovery.coordinator import ESCALATION
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

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / 'docs' / 'recovery.md').read_text()
Row = dict[str, str]

LATEST = 3
CURABLE = 'finite'
DETECTORS = (CURABLE, WEIGHTS, *sorted(INCURABLE))
BOTH = (False, True)
# What the words of the tables mean: predicates of what stands in their column.
FLAGS: dict[str, Callable[[bool], bool]] = {
    'any': lambda _: True,
    'yes': lambda flag: flag,
    'no': lambda flag: not flag,
}
TRIES: dict[str, Callable[[int, int], bool]] = {
    'any': lambda _tries, _most: True,
    'max_attempts or more': lambda tries, most: tries >= most,
    'less than max_attempts': lambda tries, most: tries < most,
    '0, less than max_attempts': lambda tries, most: tries == 0 < most,
    '1 to max_attempts - 1': lambda tries, most: 1 <= tries < most,
}
ERRORS: dict[str, Callable[[str], bool]] = {
    'any': lambda _: True,
    'incurable': lambda name: name in INCURABLE,
    'weight_checksum': lambda name: name == WEIGHTS,
    'curable': lambda name: name == CURABLE,
    'weight_checksum or curable': lambda name: name in (WEIGHTS, CURABLE),
    'any other': lambda name: name != WEIGHTS,
}


def table(name: str) -> list[Row]:
    """Return the rows of a marked table by the names of its columns, code marks taken off."""
    part = TEXT.split(f'<!-- {name}: ')[1].split(f'<!-- /{name} -->')[0]
    lines = [line for line in part.splitlines() if line.startswith('|')]
    head, _, *body = [[cell.strip() for cell in line.strip('|').split('|')] for line in lines]
    return [dict(zip(head, cells, strict=True)) for cells in body]


def decision(row: Row, latest: int, attempt: int = 0) -> Decision:
    """Return what a row says is decided."""
    resume = {
        '-': NO_CHECKPOINT,
        'latest': latest,
        'image': IMAGE,
        'latest; after a try, image': IMAGE if attempt else latest,
    }[row['resumes from']]
    return Decision(Tier(row['tier'].strip('`')), resume)


def latest_of(situation: Situation) -> int:
    """Return what the document calls the latest checkpoint."""
    return IMAGE if situation.latest == NO_CHECKPOINT else situation.latest


def situations() -> list[tuple[Situation, int]]:
    """Return every situation, with every number of tries that may be allowed."""
    return [
        (
            Situation(
                detector=detector,
                attempt=attempt,
                latest=latest,
                can_fail_over=can,
                failed_over=failed,
                overdue=overdue,
            ),
            most,
        )
        for detector, attempt, most, latest, can, failed, overdue in product(
            DETECTORS, range(5), range(4), (LATEST, NO_CHECKPOINT), BOTH, BOTH, BOTH
        )
    ]


def ladder_fits(row: Row, situation: Situation, most: int) -> bool:
    return (
        FLAGS[row['had its time']](situation.overdue)
        and TRIES[row['tries']](situation.attempt, most)
        and ERRORS[row['detector']](situation.detector)
        and FLAGS[row['elsewhere']](situation.failed_over)
        and FLAGS[row['standby']](situation.can_fail_over)
    )


def test_an_error_is_decided_as_the_one_row_of_the_ladder_that_fits_says() -> None:
    rows = table('ladder')
    fitted = set()
    for situation, most in situations():
        fits = [number for number, row in enumerate(rows) if ladder_fits(row, situation, most)]
        assert len(fits) == 1, (situation, most, fits)
        wanted = decision(rows[fits[0]], latest_of(situation), situation.attempt)
        assert decide_soft_error(situation, max_attempts=most) == wanted, (situation, most)
        fitted.add(fits[0])
    assert fitted == set(range(len(rows)))


def test_a_death_is_decided_as_the_one_row_that_fits_says() -> None:
    rows = table('death')
    reset = Policy.PROCESS_RESET
    policies = {
        'any': set(Policy),
        'process_reset': {reset},
        'not process_reset': set(Policy) - {reset},
    }
    for policy, allows, ready in product(Policy, BOTH, BOTH):
        (row,) = (
            row
            for row in rows
            if policy in policies[row['policy']]
            and FLAGS[row['breaker lets']](allows)
            and FLAGS[row['standby ready']](ready)
        )
        found = decide_death(standby_ready=ready, breaker_allows=allows, policy=policy)
        assert found.value == row['tier'].strip('`')


def test_other_policies_decide_as_the_one_row_that_fits_says() -> None:
    rows = table('policies')
    for (situation, most), policy in product(situations(), set(Policy) - {Policy.LADDER}):
        found = decide_soft_error(situation, max_attempts=most, policy=policy)
        if situation.overdue or (situation.attempt >= most and situation.failed_over):
            assert found == Decision(Tier.DROP_FRAME)
            continue
        (row,) = (
            row
            for row in rows
            if policy.value in row['policy'].split(', ')
            and TRIES[row['tries']](situation.attempt, most)
            and ERRORS[row['detector']](situation.detector)
        )
        if policy is Policy.STANDBY_FAILOVER:
            tier, condition = row['tier'].split(', ', 1)
            assert condition == 'if it is possible and new to the frame; else as the ladder'
            if not situation.can_fail_over or situation.failed_over:
                assert found == decide_soft_error(situation, max_attempts=most)
                continue
            row = {**row, 'tier': tier}
        wanted = decision(row, latest_of(situation), situation.attempt)
        assert found == wanted, (situation, most, policy)


def test_the_breakers_states_are_those_of_its_docstring() -> None:
    def cells(lines: list[str]) -> list[str]:
        return [line.strip() for line in lines if line.strip().startswith('|')]

    part = TEXT.split('<!-- breaker: ')[1].split('<!-- /breaker -->')[0]
    assert cells(part.splitlines()) == cells((BreakerState.__doc__ or '').splitlines())
    rows = table('breaker')
    assert {row['from'] for row in rows} == {state.name for state in BreakerState}
    assert {row['to'].split(',')[0] for row in rows} <= {state.name for state in BreakerState}


def test_the_numbers_are_those_of_the_code() -> None:
    for row in table('numbers'):
        module, _, name = row['constant'].strip('`').rpartition('.')
        assert float(row['value']) == getattr(import_module(module), name), row


def test_every_tier_every_detector_and_every_fault_is_spoken_of() -> None:
    detectors = {
        'exception',
        'finite',
        'range',
        'plausibility',
        WEIGHTS,
        NO_CLEAN_WEIGHTS,
        'process_exit',
        'stage_deadline',
        'heartbeat',
        'liveliness',
        ESCALATION,
    }
    said = TEXT.split('## How an error is detected')[1].split('### Hangs')[0]
    assert {name for name in detectors if f'| `{name}` |' not in said} == set()
    assert {tier.value for tier in Tier if f'`{tier.value}`' not in TEXT} == set()
    faults = ' '.join(row['fault'] for row in table('classes'))
    assert {kind.name for kind in KINDS if f'`{kind.name}`' not in faults} == set()


@cache
def functions(path: Path) -> frozenset[str]:
    """Return the names of the functions in a Python file."""
    tree = ast.parse(path.read_text())
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


NAMED = sorted(set(re.findall(r'`(test/[\w/]+\.py)(?:::(\w+))?`', TEXT)))


@pytest.mark.parametrize(('path', 'name'), NAMED, ids='::'.join)
def test_every_test_that_is_named_exists(path: str, name: str) -> None:
    assert (ROOT / path).is_file()
    assert name == '' or name in functions(ROOT / path)


def test_every_class_of_faults_has_a_test() -> None:
    for row in table('classes'):
        assert re.fullmatch(r'`test/[\w/]+\.py::test_\w+`', row['test']), row['fault']


def test_every_gap_that_is_referred_to_is_there() -> None:
    gaps = TEXT.split('## Known gaps')[1].split('## Numbers')[0]
    numbers = [int(number) for number in re.findall(r'^(\d+)\. \*\*', gaps, re.MULTILINE)]
    assert numbers == list(range(1, len(numbers) + 1))
