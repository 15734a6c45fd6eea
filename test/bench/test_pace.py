# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The pace for a model: full rate for a fast one, half of the machine for a slow one."""

from __future__ import annotations

import pytest

from restage.bench.pace import Pace


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
