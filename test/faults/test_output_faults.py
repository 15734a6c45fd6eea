# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""``output.*``: one detection altered, added or removed; the rest, and the order, stay."""

from __future__ import annotations

from random import Random
from types import SimpleNamespace

import pytest
import torch

from restage.faults.command import Fault
from restage.faults.effects import EFFECTS
from restage.faults.effects.shot import NotThisTimeError, Shot
from restage.faults.enums import When

ROWS = torch.tensor(
    [[10.0, 10, 50, 40, 0.9, 0], [100, 10, 110, 40, 0.7, 1], [200, 10, 240, 40, 0.5, 0]]
)


def strike(kind: str, rows: torch.Tensor = ROWS, seed: int = 0, **parameters) -> torch.Tensor:
    fault = Fault(id='f', kind=kind, when=When.AFTER, parameters=parameters)
    shot = Shot(
        fault=fault,
        stage=SimpleNamespace(name='decode'),
        rng=Random(seed),
        report=lambda *_: None,
        outputs={'detections': rows.clone()},
    )
    EFFECTS[kind](shot)
    return shot.outputs['detections']


def changed(found: torch.Tensor) -> list[int]:
    return [
        n
        for n, (one, other) in enumerate(zip(ROWS, found, strict=True))
        if not torch.equal(one, other)
    ]


@pytest.mark.parametrize('seed', range(6))
def test_one_box_is_moved(seed):
    found = strike('output.box', seed=seed, dx=5.0, dy=-3.0)
    (row,) = changed(found)
    assert (found[row] - ROWS[row]).tolist() == [5.0, -3.0, 5.0, -3.0, 0.0, 0.0]


@pytest.mark.parametrize('seed', range(6))
def test_one_class_is_another(seed):
    found = strike('output.class_', seed=seed, class_id=4)
    (row,) = changed(found)
    assert found[row, 5] == 4
    assert torch.equal(found[row, :5], ROWS[row, :5])


def test_a_score_that_is_lower_goes_to_its_place():
    found = strike('output.score', score=0.6)
    assert found[:, 4].tolist() == sorted(found[:, 4].tolist(), reverse=True)
    assert 0.6 in [round(score, 3) for score in found[:, 4].tolist()]
    assert len(found) == 3


def test_a_ghost_is_where_it_was_told():
    found = strike('output.ghost', x=300.0, y=20.0, width=30.0, height=20.0, score=0.8)
    assert found[1, :5].tolist() == pytest.approx([300.0, 20.0, 330.0, 40.0, 0.8])
    assert torch.equal(found[[0, 2, 3]], ROWS)


def test_a_ghost_needs_nothing_to_be_there():
    assert strike('output.ghost', torch.zeros(0, 6)).shape == (1, 6)


@pytest.mark.parametrize('seed', range(6))
def test_one_is_missed(seed):
    found = strike('output.miss', seed=seed)
    assert len(found) == 2
    assert all(any(torch.equal(row, one) for one in ROWS) for row in found)


@pytest.mark.parametrize('kind', ['output.box', 'output.class_', 'output.score', 'output.miss'])
def test_where_there_is_nothing_it_waits_for_a_later_frame(kind):
    with pytest.raises(NotThisTimeError):
        strike(kind, torch.zeros(0, 6))
