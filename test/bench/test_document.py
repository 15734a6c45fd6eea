# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The benchmark as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from restage.bench.cells import ARMS, FAULTS
from restage.bench.document import build, write
from restage.bench.ratios import ratios
from restage.bench.trial import Trial


def test_the_keys(document: dict[str, Any]) -> None:
    assert document['schema'] == 1
    assert list(document['arms']) == list(ARMS)
    assert all(list(row) == list(FAULTS) for row in document['arms'].values())
    cell = document['arms']['stage_resume']['nan']
    assert cell['n'] == 10
    for key in ('p50_ms', 'p99_ms', 'max_ms', 'detect_p50_ms', 'frames_lost_mean', 'bit_identical'):
        assert cell[key] is not None
    assert 'not_applicable' not in cell
    empty = document['arms']['stage_resume']['sigkill']
    assert empty['n'] == 0 and 'dead' in empty['not_applicable']
    assert document['settings']['seed'] == 3
    assert document['overhead']['ci95'] == (0.7, 0.9)
    assert document['overhead']['parts']['finite']['added_us'] == 30.0
    assert {'machine', 'versions', 'bandwidth', 'goals', 'percentiles'} <= document.keys()


def test_it_is_written_whole(document: dict[str, Any], trials: list[Trial], tmp_path: Path) -> None:
    write(document, tmp_path / 'bench.json')
    read = json.loads((tmp_path / 'bench.json').read_text())
    assert len(read['trials']) == len(trials)
    raw = read['trials'][0]
    assert raw['total_ms'] == trials[0].total_ms
    assert raw['first_good_ns'] == trials[0].first_good_ns
    with pytest.raises(ValueError, match='JSON'):
        write({'a': float('inf')}, tmp_path / 'bad.json')


def test_a_cell_that_nobody_ran_has_no_reason(trials: list[Trial]) -> None:
    found = build(trials[:3], {}, None, [], {'seed': 1})
    cell = found['arms']['process_reset']['nan']
    assert cell['n'] == 0 and 'not_applicable' not in cell
    assert found['overhead'] is None


def test_a_cell_is_resampled_alike_whatever_else_there_is(trials: list[Trial]) -> None:
    own = [one for one in trials if (one.arm, one.fault) == ('stage_resume', 'nan')]
    alone = build(own, {}, None, [], {'seed': 3})['arms']['stage_resume']['nan']
    assert alone == build(trials, {}, None, [], {'seed': 3})['arms']['stage_resume']['nan']


def test_ratios_are_of_medians_and_their_geometric_mean() -> None:
    arms = {
        'process_reset': {
            'nan': {'p50_ms': 4000.0},
            'exception': {'p50_ms': 2000.0},
            'sigkill': {'p50_ms': 5.0},
            'delay': {'p50_ms': None},
        },
        'stage_resume': {
            'nan': {'p50_ms': 10.0},
            'exception': {'p50_ms': 20.0},
            'sigkill': {'p50_ms': None},
            'delay': {'p50_ms': 3.0},
        },
    }
    found = ratios(arms)
    name = 'process_reset_over_stage_resume'
    assert found['per_class'][name] == {'nan': 400.0, 'exception': 100.0}
    assert found[name] == 200.0
    assert found['process_reset_over_standby_failover'] is None
    assert 'geometric mean' in found['definition']
