# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from restage.sampling.evaluate import Outcomes
from restage.sampling.journal import Journal, Outcome
from restage.sampling.samplers.registry import sampler_named
from restage.sampling.series import run_series

from .conftest import Enumerated


def outcomes_of(known: Enumerated, path: Path, ran: list[int], threshold: float) -> Outcomes:
    def run(faults: Sequence[int]) -> list[Outcome]:
        ran.extend(faults)
        return [Outcome({'damage': float(known.damage[one])}, 0.0) for one in faults]

    return Outcomes(run, Journal(path / 'journal', {}), threshold)


@pytest.mark.parametrize('name', ['uniform', 'restage'])
def test_a_run_ends_when_it_is_sure_and_not_before(
    name: str, enumerated: Enumerated, tmp_path: Path
) -> None:
    outcomes = outcomes_of(enumerated, tmp_path, [], 0.25)
    make, context = sampler_named(name), enumerated.context
    early = run_series(name, make, context, outcomes, (1, 0), 1000, stop=0.06)
    assert early.estimate is not None
    assert 50 <= len(early.critical) < 1000
    assert early.estimate.half_width <= 0.06
    whole = run_series(name, make, context, outcomes, (1, 0), 1000, stop=1e-6)
    assert len(whole.critical) == 1000


def test_nothing_critical_yet_is_not_sure(enumerated: Enumerated, tmp_path: Path) -> None:
    outcomes = outcomes_of(enumerated, tmp_path, [], 2.0)  # nothing is that bad
    make = sampler_named('uniform')
    run = run_series('uniform', make, enumerated.context, outcomes, (1, 0), 400, stop=0.01)
    assert not run.critical.any()
    assert len(run.critical) > 150  # 50 would say no more than "below 7 %"


def test_a_fault_is_run_once_whoever_asks(enumerated: Enumerated, tmp_path: Path) -> None:
    ran: list[int] = []
    outcomes = outcomes_of(enumerated, tmp_path, ran, 0.25)
    for name in ('top-bit', 'restage'):
        run_series(name, sampler_named(name), enumerated.context, outcomes, (1, 0), 120)
    assert len(ran) == len(set(ran)) > 60
