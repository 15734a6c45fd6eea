# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from restage.detector import load_bundled
from restage.detector.weights import load_network
from restage.faults.scenario_file import load_scenario
from restage.sampling.detector_subject import subject_of
from restage.sampling.engine import Engine
from restage.sampling.errors import SamplingError
from restage.sampling.fault_model import FaultModel
from restage.sampling.pictures import held_out
from restage.sampling.scenario_file import why_not, write_scenario
from restage.sampling.space import FaultSpace
from restage.sampling.subject import Subject
from restage.stages.model import State

from .injected import in_a_campaign, in_a_node


@pytest.fixture(scope='module')
def subject() -> Subject:
    return subject_of(load_network(), held_out(7))


def top_bits(space: FaultSpace, count: int) -> list[int]:
    rng = np.random.default_rng(3)
    return (rng.integers(0, space.elements, count) * space.positions + 30).tolist()


@pytest.mark.parametrize('target', ['weights', 'neurons'])
def test_each_fault_has_the_outcome_of_the_naive_run(subject: Subject, target: str) -> None:
    engine = Engine(subject, target)
    assert set(engine.clean.values()) == {0.0}
    assert 'map_loss' not in engine.clean  # they are judged by ground truth
    faults = [engine.space.fault(number) for number in top_bits(engine.space, 6)]
    found = [engine.run(fault) for fault in faults]
    assert found == [engine.run_naively(fault) for fault in faults]
    assert any(one['damage'] > 0.25 for one in found)
    for one in found:
        assert one['fn_change'] == -one['tp_change']


def test_a_stage_that_raises_counts_as_no_detections(subject: Subject) -> None:
    engine = Engine(subject)

    def broken(_: State) -> State:
        raise RuntimeError('the framework')

    last = subject.stages[-1]
    whole = last.run
    object.__setattr__(last, 'run', broken)
    try:
        figures = engine.run(engine.space.fault(top_bits(engine.space, 1)[0]))
    finally:
        object.__setattr__(last, 'run', whole)
    assert figures['damage'] == 1.0
    assert figures['due'] == 1.0


@pytest.mark.parametrize('target', ['weights', 'neurons'])
def test_an_exported_fault_is_the_one_of_the_campaign(
    subject: Subject, tmp_path: Path, target: str
) -> None:
    """The injector of a detection node makes of it, on the same frame, the same detections."""
    engine = Engine(subject, target)
    number = next(
        one
        for one in top_bits(engine.space, 20)
        if engine.run(engine.space.fault(one))['damage'] > 0.25
    )
    path = tmp_path / 'critical.yaml'
    write_scenario(path, subject, engine.space, [number], 'critical')
    [(at_s, fault)] = load_scenario(path).schedule()
    assert at_s == 2.0

    live = in_a_node(load_bundled(), fault, subject.inputs[0])
    one, other = live['detections'], in_a_campaign(engine, number)['detections']
    assert torch.equal(torch.nan_to_num(one), torch.nan_to_num(other))


def test_what_no_node_can_have_is_refused(subject: Subject, tmp_path: Path) -> None:
    space = Engine(subject, model=FaultModel(bits=2)).space
    assert why_not(subject, space) == 'a command hits one bit'
    with pytest.raises(SamplingError, match='one bit'):
        write_scenario(tmp_path / 'no.yaml', subject, space, [0], 'no')
