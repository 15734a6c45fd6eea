# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Two minutes of random faults: every invariant holds."""

from __future__ import annotations

import json

import pytest

from restage.cli import main

OF_TIME = ('bound', 'health', 'quiet', 'leak')
pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]


def test_two_minutes_of_random_faults(tmp_path) -> None:
    words = ['soak', '--minutes', '2', '--seed', '1', '--rate', '15', '--report', str(tmp_path)]
    status = main([*words, '--json', str(tmp_path / 'again.json')])
    document = json.loads((tmp_path / 'again.json').read_text())
    assert document['schema'] == 1
    # Those of time are for a machine that does nothing else: `restage soak`, not a test.
    violations = [one for one in document['violations'] if one['invariant'] not in OF_TIME]
    assert violations == []
    assert status == (1 if document['violations'] else 0)
    counts, frames = document['counts'], document['frames']
    assert counts['episodes'] >= 3
    assert counts['faults_fired'] + counts['processes_ended'] > 0
    assert frames['in'] > 300
    assert frames['out'] > 0.5 * frames['in']
    assert frames['in'] - frames['out'] - frames['lost'] in range(-60, 61)  # those under way
    assert (tmp_path / 'soak.png').stat().st_size > 10_000
    assert '<h1>Restage: soak</h1>' in (tmp_path / 'soak.html').read_text()


@pytest.mark.parametrize('words', [['--minutes', '0'], ['--episode', '-1'], ['--model', '/none']])
def test_bad_usage_is_one_message(words, tmp_path, capsys) -> None:
    assert main(['soak', *words, '--report', str(tmp_path)]) == 2
    assert 'restage soak:' in capsys.readouterr().out
