# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""``restage calibrate`` and ``restage coverage`` as a user runs them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from restage.cli import main
from restage.coverage.journal import Journal
from restage.detect.calibration import load_calibration
from restage.detector import load_bundled
from restage.shipped import SHIPPED
from restage.stages.loading import calibration_of, load_model

PROPORTION = {'value', 'count', 'of', 'ci95'}


@pytest.fixture(scope='module')
def report(tmp_path_factory) -> Path:
    """A report of a very small campaign."""
    folder = tmp_path_factory.mktemp('report')
    status = main(
        ['coverage', '--faults', '36', '--clean-frames', '8', '--pairs', '2', '--seed', '3',
         '--report', str(folder), '--json', str(folder / 'copy.json')]
    )  # fmt: skip
    assert status in (0, 1)
    return folder


def test_the_results_are_as_agreed(report):
    document = json.loads((report / 'coverage.json').read_text())
    assert document == json.loads((report / 'copy.json').read_text())
    assert document['schema'] == 1
    assert document['faults'] == 36
    assert document['clean_frames'] == 8
    assert sum(n for name, n in document['outcomes'].items() if name != 'sdc_critical') == 36
    stack = document['stack']
    for name in ('precision', 'recall_critical', 'false_positive_rate', 'overhead_percent'):
        assert isinstance(stack[name], float | None)
        assert name == 'overhead_percent' or set(stack['details'][name]) == PROPORTION
    assert {'exception', 'finite', 'range', 'weight_checksum', 'plausibility'} == set(
        document['detectors']
    )
    trials = _journal(report).trials
    assert len(trials) == 36
    unseen = [t.number for t in trials if t.critical and not t.alarms]
    assert [trial['number'] for trial in document['missed']] == unseen
    assert {goal['what'] for goal in document['goals']} == {
        'precision',
        'recall_critical',
        'overhead_percent',
        'false_positive_rate',
    }
    assert document['map']['frames'] == 36
    # Every weight fault that changed something is seen: all are checked on every frame.
    for trial in trials:
        if trial.kind.startswith('nn.weight') and trial.changed:
            assert 'weight_checksum' in trial.alarms
        if trial.kind == 'nn.stage.exception':
            assert (trial.outcome, trial.alarms.keys()) == ('due_exception', {'exception'})


def _journal(report: Path) -> Journal:
    path = report / 'coverage.journal.jsonl'
    settings = json.loads(path.read_text().splitlines()[0])
    return Journal(path, settings)


def test_there_is_a_page_with_its_pictures(report):
    page = (report / 'coverage.html').read_text()
    assert page.count('data:image/png') >= 2
    for name in ('nn.weight.bit_flip', 'plausibility', 'Wilson'):
        assert name in page


def test_a_campaign_that_is_done_is_not_run_again(report, monkeypatch, capsys):
    monkeypatch.setattr(
        'restage.coverage.campaign.run_sequence', lambda *_: pytest.fail('run again')
    )

    # What comes after the campaign is none of this test's business.
    def over(*_: object) -> None:
        raise OSError('the campaign is over')

    monkeypatch.setattr('restage.coverage.run.detector_costs', over)
    before = _journal(report).trials
    status = main(
        ['coverage', '--faults', '36', '--clean-frames', '8', '--pairs', '2', '--seed', '3',
         '--report', str(report)]
    )  # fmt: skip
    assert (status, 'the campaign is over' in capsys.readouterr().out) == (2, True)
    assert _journal(report).trials == before


@pytest.mark.parametrize(
    ('words', 'message'),
    [
        (['--faults', '0'], 'faults is 0; accepted: at least 1'),
        (['--kinds', 'nn.weight.bitflip'], "kind 'nn.weight.bitflip'; accepted: nn.neuron.nan"),
        (['--calibration', '/nowhere'], '/nowhere: no calibration'),
        (['--model', '/nowhere.safetensors'], "'/nowhere.safetensors' does not exist"),
        (['--source', '/nowhere.mp4'], "source '/nowhere.mp4' does not exist"),
    ],
)
def test_bad_usage_is_named(words, message, tmp_path, capsys):
    assert main(['coverage', '--report', str(tmp_path), *words]) == 2
    assert message in ' '.join(capsys.readouterr().out.split())


def test_a_calibration_is_written_where_it_is_wanted_and_fits_the_model(tmp_path, capsys):
    out = tmp_path / 'c.json'
    assert main(['calibrate', '--frames', '3', '--out', str(out)]) == 0
    model = load_bundled()
    found = load_calibration(out, model.digest())
    assert found.frames == 3
    assert {'x', 'c5', 'p3', 'h3'} <= set(found.ranges)
    assert str(out) in capsys.readouterr().out.replace('\n', '')


@pytest.mark.parametrize('name', SHIPPED)
def test_a_model_of_the_package_has_its_calibration_beside_it(name):
    found = load_calibration(calibration_of(name), load_model(name).digest())
    assert found.frames >= 5_000


@pytest.mark.parametrize(
    ('words', 'message'),
    [
        (['--frames', '0'], '--frames must be at least 1'),
        (['--source', '/nowhere.mp4'], 'does not exist'),
        (['/nowhere.safetensors'], 'does not exist'),
        (['--frames', '1', '--out', '/nowhere/c'], '/nowhere/c'),
    ],
)
def test_calibrate_names_what_it_does_not_accept(words, message, capsys):
    assert main(['calibrate', *words]) == 2
    assert message in ' '.join(capsys.readouterr().out.split())
