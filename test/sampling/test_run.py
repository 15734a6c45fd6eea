# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The command, as a whole."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet

from restage.cli import main
from restage.sampling.errors import SamplingError
from restage.sampling.journal import Journal, Outcome

SMALL = ['sample', '--model', 'vgg', '--images', '4', '--elements', '18', '--workers', '1']
SMALL += ['--budget', '100', '--runs', '3', '--samplers', 'uniform,isimdl-important-gradient,']
SMALL[-1] += 'top-bit,restage'
FIGURES = ('precision_at_100', 'precision_ci95', 'recall', 'distinct_critical', 'sdc_rate')
SPENT = ('faults_per_s',)  # differs from run to run


def results(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / 'sample.json').read_text())
    return found


@pytest.fixture(scope='module')
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp('whole')
    assert main([*SMALL, '--report', str(folder), '--json', str(folder / 'copy.json')]) in (0, 1)
    return folder


def test_the_json_has_what_was_agreed(whole: Path) -> None:
    document = results(whole)
    assert document == json.loads((whole / 'copy.json').read_text())
    assert document['schema'] == 1
    for found in document['samplers'].values():
        assert set(FIGURES) <= set(found)
    assert document['samplers']['top-bit']['sdc_rate'] is None
    assert document['ground_truth']['n'] == 18 * 32
    ratios = document['ratios']
    assert ratios['restage_over_uniform'] > 1.0
    assert set(ratios) >= {'isimdl_over_uniform', 'restage_over_uniform', 'restage_over_top_bit'}
    speed = document['speed']['model']
    assert speed['same_outcome'] == speed['faults']


def test_every_draw_is_a_row(whole: Path) -> None:
    table = parquet.read_table(whole / 'sample.parquet').to_pylist()
    drawn = [row for row in table if row['sampler'] == 'uniform']
    assert len(drawn) == 3 * 100
    assert {row['probability'] for row in drawn} == {1 / (18 * 32)}
    truth = {row['fault']: row for row in table if row['sampler'] == 'ground_truth'}
    assert len(truth) == 18 * 32
    for row in table:
        known = truth[row['fault']]
        assert (row['critical'], row['damage']) == (known['critical'], known['damage'])
        assert row['bit'] == row['fault'] % 32
        assert row['sdc1'] + row['not_finite'] <= 1.0
        assert row['tensor'].startswith(row['layer'])


def test_the_page_needs_nothing_else(whole: Path) -> None:
    page = (whole / 'sample.html').read_text()
    assert page.count('<img') == 3
    assert 'http' not in page.replace('http://www.w3.org', '')
    for name in results(whole)['samplers']:
        assert f'>{name}<' in page


def test_a_killed_campaign_goes_on_with_nothing_lost_or_twice(whole: Path, tmp_path: Path) -> None:
    journal = tmp_path / 'sample.journal.jsonl'
    # Who watches it has to get a core before it has come to its end.
    words = ['nice', '-n', '19', sys.executable, '-m', 'restage.cli', *SMALL]
    words += ['--report', str(tmp_path)]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, env=dict(os.environ))
    deadline = time.monotonic() + 90
    while not journal.exists() or journal.read_bytes().count(b'\n') < 100:
        assert process.poll() is None, 'it ended before it could be killed'
        assert time.monotonic() < deadline
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.wait()
    before = journal.read_bytes()
    assert 100 < before.count(b'\n') < 18 * 32
    journal.write_bytes(before + b'{"fault": 3, "fig')  # as if in the middle of a write
    words = [*SMALL, '--report', str(tmp_path)]
    words[words.index('--workers') + 1] = '2'  # of whom nothing is to be seen in the results
    assert main(words) in (0, 1)
    assert journal.read_bytes().startswith(before)
    faults = [json.loads(line)['fault'] for line in journal.read_text().splitlines()[1:]]
    assert sorted(faults) == list(range(18 * 32))
    again, once = results(tmp_path), results(whole)
    assert again['ground_truth'] == once['ground_truth']
    for name, found in once['samplers'].items():
        for key in set(found) - set(SPENT):
            assert again['samplers'][name][key] == found[key], (name, key)


def test_another_campaign_does_not_go_on_here(tmp_path: Path) -> None:
    path = tmp_path / 'journal'
    Journal(path, {'model': 'vgg'}).add([(4, Outcome({'damage': 0.5}, 0.1))])
    assert Journal(path, {'model': 'vgg'}).outcomes[4].figures == {'damage': 0.5}
    with pytest.raises(SamplingError, match='another model or population'):
        Journal(path, {'model': 'resnet'})


@pytest.mark.parametrize(
    ('words', 'said'),
    [
        (['--model', 'alexnet'], "model 'alexnet'; accepted: resnet, vgg, bundled"),
        (['--threshold', '0'], 'threshold is 0.0; accepted: above 0, at most 1'),
        (['--samplers', 'luck'], "sampler 'luck'; accepted: uniform"),
        (['--images', '9000'], '9000 images; accepted: at most 500'),
        (['--source', 'drive.mp4'], "'resnet' tells digits; accepted with --source: detectors"),
        (['--model', 'no.onnx'], "'no.onnx' does not exist; accepted: an ONNX file"),
        (['--model', 'bundled', '--source', 'no.mp4'], "source 'no.mp4' does not exist"),
    ],
)
def test_what_cannot_be_done_is_said(
    words: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(['sample', *words, '--report', str(tmp_path)]) == 2
    assert said in ' '.join(capsys.readouterr().out.split())
