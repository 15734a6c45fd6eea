# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The pace for a model: full rate for a fast one, half of the machine for a slow one."""

from __future__ import annotations

import pytest
import torch

from restage.bench.pace import Pace
from restage.bench.store import room_mb
from restage.stages.model import Stage, StagedModel


def test_a_fast_model_has_the_defaults() -> None:
    pace = Pace.of([2.0, 9.0, 1.0])
    assert pace.rate_hz == 30.0
    assert not pace.lowered
    assert (pace.stage_deadline_ms, pace.stage_deadline_floor_ms) == (250.0, 30.0)
    assert (pace.frame_budget_ms, pace.calm_frames) == (300.0, 12)


def test_a_slow_model_has_half_of_its_period_to_spare_and_longer_limits() -> None:
    pace = Pace.of([100.0, 250.0, 50.0])
    assert pace.rate_hz == pytest.approx(1.2)
    assert pace.lowered
    assert pace.stage_deadline_ms == 2000.0
    assert pace.stage_deadline_floor_ms == 250.0
    assert pace.frame_budget_ms == 2000.0
    assert pace.calm_frames == 3
    assert pace.patience_s > Pace().patience_s


def test_the_rate_never_is_zero() -> None:
    assert Pace.of([30_000.0]).rate_hz == pytest.approx(1 / 60)


def test_the_recovery_node_gets_decimals_where_it_wants_them() -> None:
    assert isinstance(Pace.of([100.0]).recovery()['frame_budget_ms'], float)


def test_there_is_room_for_the_checkpoints_of_any_model(tiny_model: StagedModel) -> None:
    assert room_mb(tiny_model) == 32
    nbytes = 50 * 1024 * 1024

    def large(_: object) -> dict[str, torch.Tensor]:
        return {'x': torch.zeros(nbytes, dtype=torch.uint8)}

    def decode(_: object) -> dict[str, torch.Tensor]:
        return {'detections': torch.zeros(0, 6)}

    stages = (
        Stage(name='a', inputs=('image',), outputs=('x',), run=large),
        Stage(name='b', inputs=('x',), outputs=('detections',), run=decode),
    )
    model = StagedModel(name='m', stages=stages, class_names=(), input_size=(16, 12))
    assert 100 < room_mb(model) < 150
