# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What a cell's figures are, and that none of them flatters."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from restage.bench.statistics import cell_statistics, tail
from restage.bench.trial import Trial
from restage.report.bootstrap import median_interval

MS = 1_000_000


def trial(total_ms: float, **values: object) -> Trial:
    made = Trial(
        arm='stage_resume',
        fault='nan',
        number=0,
        injected_ns=1000 * MS,
        detected_ns=1001 * MS,
        decided_ns=1003 * MS,
        restored_ns=1006 * MS,
        first_good_ns=round((1000 + total_ms) * MS),
        detector='finite',
    )
    return replace(made, **values)  # type: ignore[arg-type]


def test_times_and_phases() -> None:
    found = cell_statistics([trial(20), trial(30), trial(50)], 1)
    assert (found['n'], found['n_timed'], found['unrecovered']) == (3, 3, 0)
    assert (found['p50_ms'], found['p99_ms'], found['max_ms']) == (30, 50, 50)
    assert [found[f'{phase}_p50_ms'] for phase in ('detect', 'decide', 'restore')] == [1, 2, 3]
    assert (found['recompute_p50_ms'], found['recompute_max_ms']) == (24, 44)
    assert found['detectors'] == {'finite': 3}


def test_a_phase_without_both_ends_is_not_counted() -> None:
    found = cell_statistics([trial(20), trial(30, decided_ns=0)], 1)
    assert (found['decide_n'], found['restore_n'], found['detect_n']) == (1, 1, 2)
    none = cell_statistics([trial(30, decided_ns=0)], 1)
    assert none['decide_p50_ms'] is None


def test_p99_is_the_maximum_up_to_a_hundred_and_never_between_values() -> None:
    assert tail(range(100)) == 99
    assert tail(range(101)) == 99
    assert tail([*range(50), 1000.0]) == 1000.0
    values = np.random.default_rng(1).exponential(size=1000)
    assert tail(values) in values
    assert np.mean(values <= tail(values)) >= 0.99


def test_a_trial_that_never_recovered_is_the_slowest_of_all() -> None:
    failed = trial(0, first_good_ns=0, outcome='failed')
    found = cell_statistics([*(trial(20) for _ in range(9)), failed], 1)
    assert (found['n'], found['n_timed'], found['unrecovered']) == (10, 9, 1)
    assert (found['p50_ms'], found['p99_ms'], found['max_ms']) == (20, None, None)
    assert found['outcomes'] == {'recovered': 9, 'failed': 1}
    assert cell_statistics([failed] * 6, 1)['p50_ci95_ms'] == [None, None]


def test_a_masked_fault_needed_no_recovery() -> None:
    found = cell_statistics([trial(20), trial(1, outcome='masked')], 1)
    assert (found['n'], found['n_timed'], found['p50_ms']) == (2, 1, 20)
    alone = cell_statistics([trial(1, outcome='masked')], 1)
    assert (alone['p50_ms'], alone['unrecovered']) == (None, 0)


def test_frames() -> None:
    found = cell_statistics([trial(20, frames_lost=3), trial(20, wrong=2), trial(20)], 1)
    assert (found['frames_lost_mean'], found['frames_lost_max']) == (1.0, 3)
    assert (found['bit_identical'], found['wrong_frames']) == (False, 2)
    assert cell_statistics([trial(20)], 1)['bit_identical'] is True


def test_a_cell_without_trials() -> None:
    found = cell_statistics([], 1)
    assert found['n'] == 0
    assert found['bit_identical'] is None and found['frames_lost_mean'] is None


def test_the_interval_of_the_median() -> None:
    values = list(np.random.default_rng(2).normal(30, 3, 200))
    found = median_interval(values, 1)
    assert found == median_interval(values, 1)
    assert found is not None
    assert found[0] < np.median(values) < found[1]
    assert found[1] - found[0] == pytest.approx(4 * 1.2533 * 3 / math.sqrt(200), rel=0.4)
    assert median_interval(values[:4], 1) is None
