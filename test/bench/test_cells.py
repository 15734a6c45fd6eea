# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections import Counter

import pytest

from restage.bench.cells import ARMS, FAULTS, IN_PLACE, STAGES, cells, not_applicable, why_not
from restage.bench.run import BenchSettings
from restage.detector import load_bundled
from restage.faults.stages import named_stage
from restage.faults.taxonomy import find_kind
from restage.recovery.policy import Policy


def settings(**changes: object) -> BenchSettings:
    values: dict[str, object] = {
        'model': 'bundled',
        'arms': tuple(ARMS),
        'faults': tuple(FAULTS),
        'trials': 2,
        'in_place_trials': 5,
        'pairs': 1,
        'seed': 3,
        'load': False,
    }
    return BenchSettings(**{**values, **changes})  # type: ignore[arg-type]


def test_every_fault_class_is_a_kind_of_the_taxonomy_with_parameters_it_takes() -> None:
    for name, fault in FAULTS.items():
        if name != 'recovery_node_death':
            complete = find_kind(fault.kind).complete(fault.parameters)
            assert fault.parameters.items() <= complete.items()


def test_every_arm_is_a_policy_of_the_recovery_node() -> None:
    assert {Policy(policy) for policy in ARMS.values()} == set(Policy)


def test_the_stages_are_the_models_own_and_have_weights() -> None:
    model = load_bundled()
    found = [named_stage(stage, model) for stage in STAGES]
    assert [stage.name for stage in found] == [one.name for one in model.stages if one.weights]


def test_a_cell_is_either_run_or_says_why_not() -> None:
    run = set(cells(list(ARMS), list(FAULTS)))
    without = not_applicable(list(ARMS), list(FAULTS))
    assert run.isdisjoint(without)
    assert len(run) + len(without) == len(ARMS) * len(FAULTS)
    assert all(without.values())


@pytest.mark.parametrize('arm', IN_PLACE)
def test_what_kills_or_stops_the_thread_is_not_cured_in_place(arm: str) -> None:
    refused = {fault for fault in FAULTS if why_not(arm, fault)}
    assert {'sigkill', 'sigsegv', 'sigstop', 'hang_python', 'hang_native', 'delay'} <= refused
    assert {'exception', 'nan', 'weight_bit_flip'}.isdisjoint(refused)


def test_every_cell_is_run_as_often_as_asked_and_in_every_round() -> None:
    rounds = settings().rounds()
    counts = Counter(cell for cells_of in rounds for cell in cells_of)
    assert set(counts) == set(cells(list(ARMS), list(FAULTS)))
    assert {counts[cell] for cell in counts if cell[0] in IN_PLACE} == {5}
    assert {counts[cell] for cell in counts if cell[0] not in IN_PLACE} == {2}
    assert all(len(set(cells_of)) == len(cells_of) for cells_of in rounds)


def test_the_order_is_another_in_every_round_and_the_same_for_the_same_seed() -> None:
    first, second, *_ = settings().rounds()
    assert sorted(first) == sorted(second)
    assert first != second
    assert settings().rounds()[0] == first
    assert settings(seed=4).rounds()[0] != first
