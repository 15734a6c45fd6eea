# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A study goes on where it was interrupted: nothing is lost, nothing is counted twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from restage.study.errors import StudyError
from restage.study.journal import Journal
from restage.study.record import TrialRecord

RECORD = TrialRecord(
    framework='onnxruntime', version='1.0', mistake='wrong_shape', number=0, seed=5,
    outcome='clean_exception', later='right', usable=True, signal=None, code=0,
    error='InvalidArgument: x', said='', difference=None, seen='', known_after_ms=1.5,
    start_ms={'load': 2.0}, left=0,
)  # fmt: skip

WRITER = """
import sys
from dataclasses import replace
from pathlib import Path
from test_journal import RECORD
from restage.study.journal import Journal

journal = Journal(Path(sys.argv[1]), {'seed': 1})
for number in range(10**6):
    journal.add(replace(RECORD, number=number))
    print(number, flush=True)
"""


def test_what_was_written_is_there_again(tmp_path):
    path = tmp_path / 'journal'
    journal = Journal(path, {'seed': 1})
    journal.add(RECORD)
    journal.refuse('opencv', 'input_freed', 'copies')
    again = Journal(path, {'seed': 1})
    assert again.trials == {RECORD.key: RECORD}
    assert again.impossible == {('opencv', 'input_freed'): 'copies'}


def test_a_trial_is_not_counted_twice(tmp_path):
    journal = Journal(tmp_path / 'journal', {})
    journal.add(RECORD)
    journal.add(replace(RECORD, outcome='crash'))
    again = Journal(tmp_path / 'journal', {})
    assert again.trials[RECORD.key].outcome == 'clean_exception'
    assert len((tmp_path / 'journal').read_text().splitlines()) == 2


def test_a_line_that_was_cut_off_is_run_again(tmp_path):
    path = tmp_path / 'journal'
    journal = Journal(path, {})
    journal.add(RECORD)
    journal.add(replace(RECORD, number=1))
    os.truncate(path, path.stat().st_size - 20)
    again = Journal(path, {})
    assert list(again.trials) == [RECORD.key]
    again.add(replace(RECORD, number=1))
    assert len(Journal(path, {}).trials) == 2


def test_a_killed_study_has_lost_nothing_it_had_written(tmp_path):
    path = tmp_path / 'journal'
    environment = {
        **os.environ,
        'PYTHONPATH': os.pathsep.join([str(Path(__file__).parent), *sys.path]),
    }
    with subprocess.Popen(
        [sys.executable, '-c', WRITER, str(path)], stdout=subprocess.PIPE, env=environment
    ) as writer:
        assert writer.stdout is not None
        for _ in range(20):
            last = int(writer.stdout.readline())
        writer.send_signal(signal.SIGKILL)
    found = Journal(path, {'seed': 1})
    numbers = [number for _, _, number in found.trials]
    assert numbers == list(range(len(numbers)))
    assert len(numbers) > last


def test_the_journal_of_another_study_is_refused(tmp_path):
    path = tmp_path / 'journal'
    Journal(path, {'seed': 1, 'threads': 1})
    with pytest.raises(StudyError, match='another seed'):
        Journal(path, {'seed': 2, 'threads': 1})
    path.write_text('{"seed": 1}\nno journal\n')
    with pytest.raises(StudyError, match='no journal'):
        Journal(path, {'seed': 1})
    path.write_text(json.dumps({'seed': 1}) + '\n' + json.dumps({'trial': {'odd': 1}}) + '\n')
    with pytest.raises(StudyError, match='no journal'):
        Journal(path, {'seed': 1})


def test_trials_of_another_version_of_a_framework_are_refused(tmp_path):
    journal = Journal(tmp_path / 'journal', {})
    journal.add(RECORD)
    journal.check({'onnxruntime': '1.0', 'ncnn': '3'})
    journal.check({'ncnn': '3'})
    with pytest.raises(StudyError, match=r'trials of onnxruntime 1\.0, and this is 2\.0'):
        journal.check({'onnxruntime': '2.0'})
