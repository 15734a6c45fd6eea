# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What Restage does with an outcome, and what was measured of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from restage.study.tiers import RESPONSES, measured, response_to

RESULTS = Path(__file__).resolve().parents[2] / 'docs' / 'results'


def test_times_are_those_of_the_results():
    arms = json.loads((RESULTS / 'bench.json').read_text())['arms']
    found = measured(RESULTS)
    crash = found['crash']['measured']
    assert crash['p50_ms'] == arms['standby_failover']['sigsegv']['p50_ms']
    assert crash['max_ms'] == arms['standby_failover']['sigsegv']['max_ms']
    for name, response in RESPONSES.items():
        assert (found[name]['measured'] is None) == (not response.arm), name


def test_without_results_nothing_is_claimed(tmp_path):
    assert all(one['measured'] is None for one in measured(tmp_path).values())
    assert all(one['measured'] is None for one in measured(None).values())


@pytest.mark.parametrize(
    ('facts', 'expected'),
    [
        ({'outcome': 'masked'}, ''),
        ({'outcome': 'crash'}, 'crash'),
        ({'outcome': 'crash', 'framework': 'ncnn'}, ''),
        ({'outcome': 'sdc', 'seen': 'finite'}, 'sdc_not_finite'),
        ({'outcome': 'sdc', 'seen': 'plausibility'}, 'sdc_out_of_range'),
        ({'outcome': 'sdc', 'seen': ''}, 'sdc_unseen'),
        ({'outcome': 'sdc', 'seen': '', 'mistake': 'model_memory_freed'}, 'sdc_in_weights'),
        ({'outcome': 'sdc', 'seen': '', 'mistake': 'model_bits_flipped'}, 'sdc_in_model_file'),
        ({'outcome': 'delayed_failure', 'later': 'crash'}, 'later_crash'),
        ({'outcome': 'delayed_failure', 'later': 'hang_at_exit'}, 'at_exit'),
        ({'outcome': 'delayed_failure', 'later': 'wrong_output'}, 'sdc_unseen'),
    ],
)
def test_every_outcome_has_a_response(facts, expected):
    record = {'framework': 'pytorch', 'mistake': 'wrong_layout', 'seen': '', 'later': 'right'}
    found = response_to({**record, **facts})
    assert found == expected
    assert found == '' or found in RESPONSES
