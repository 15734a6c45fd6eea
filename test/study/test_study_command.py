# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""``restage study`` as a user runs it."""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path

import pytest

from restage.cli import main

ERRORS = ('input_freed', 'wrong_shape', 'wrong_layout')
OUTCOMES = {'masked', 'clean_exception', 'sdc', 'delayed_failure', 'crash', 'hang'}
PHASES = {'process_start', 'import', 'load', 'first_inference', 'total'}


@pytest.fixture(scope='module')
def report(tmp_path_factory) -> Path:
    """The report of a study of three errors in two frameworks, and of one that is not there."""
    folder = tmp_path_factory.mktemp('report')
    assert study(folder, '--frameworks', 'onnxruntime,opencv,tensorrt') == 0
    return folder


def study(folder: Path, *words: str) -> int:
    return main(
        ['study', '--quick', '--errors', ','.join(ERRORS), '--report', str(folder),
         '--json', str(folder / 'copy.json'), *words]
    )  # fmt: skip


def read(report: Path) -> dict:
    return json.loads((report / 'study.json').read_text())


def test_the_results_are_as_agreed(report):
    document = read(report)
    assert document == json.loads((report / 'copy.json').read_text())
    assert document['schema'] == 1
    assert document['frameworks'] == ['onnxruntime', 'opencv']
    assert document['errors'] == list(ERRORS)
    assert set(document['unavailable']) == {'tensorrt'}
    for framework in document['frameworks']:
        assert set(document['cells'][framework]) == set(ERRORS)
        details = document['framework_details'][framework]
        assert details['control']['outcomes']['masked'] == details['control']['n'] == 1
        assert details['reset_ms']['total']['p50'] > 0
        for cell in document['cells'][framework].values():
            assert set(cell['outcomes']) == OUTCOMES
            assert sum(cell['outcomes'].values()) == cell['n']
            if cell['n']:
                assert 0 <= cell['usable_after'] <= 1
                assert set(cell['reset_ms']) == PHASES
                assert all(one['max'] >= one['p50'] > 0 for one in cell['reset_ms'].values())
    assert document['cells']['opencv']['input_freed']['n'] == 0
    assert 'copies' in document['cells']['opencv']['input_freed']['not_possible']
    assert document['cells']['onnxruntime']['wrong_shape']['outcomes']['clean_exception'] == 1
    assert document['cells']['opencv']['wrong_layout']['sdc']['lost'] > 0
    assert document['error_details']['input_freed']['cwe'] == 416


def test_the_page_has_the_matrix_and_the_pictures(report):
    page = (report / 'study.html').read_text()
    for words in (*ERRORS, 'onnxruntime', 'Not studied', 'CWE', 'setInput copies'[:8]):
        assert words in page
    assert page.count('data:image/png') == 2


def test_nothing_is_left_but_the_report(report):
    assert {path.name for path in report.iterdir()} == {
        'study.json', 'study.html', 'study.journal.jsonl', 'study-matrix.png', 'study-reset.png',
        'study-tables.md', 'copy.json',
    }  # fmt: skip


def test_a_study_that_is_done_runs_nothing_again(report):
    before, document = (report / 'study.journal.jsonl').read_bytes(), read(report)
    assert study(report, '--frameworks', 'onnxruntime,opencv,tensorrt') == 0
    assert (report / 'study.journal.jsonl').read_bytes() == before
    assert read(report)['cells'] == document['cells']


def test_two_studies_in_one_folder_are_refused(capsys, tmp_path):
    held = os.open(tmp_path, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert main(['study', '--report', str(tmp_path)]) == 2
    finally:
        os.close(held)
    assert 'another study is at work' in capsys.readouterr().out


@pytest.mark.parametrize(
    ('words', 'told'),
    [
        (['--errors', 'typo'], "error 'typo'"),
        (['--frameworks', 'caffe'], "framework 'caffe'"),
        (['--trials', '0'], 'trials is 0'),
        (['--frameworks', 'tensorrt'], 'none of the frameworks can be studied'),
    ],
)
def test_bad_usage_is_told_in_one_line(capsys, tmp_path, words, told):
    assert main(['study', '--report', str(tmp_path), *words]) == 2
    assert told in capsys.readouterr().out


def test_the_list_names_everything(capsys):
    assert main(['study', '--list']) == 0
    out = capsys.readouterr().out
    for word in ('pytorch', 'ncnn', 'double_free', 'CWE-415'):
        assert word in out
