# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A trial's process can do what it likes: the study goes on, and nothing of it is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from pathlib import Path

import pytest

from restage.study.campaign import TrialFolder, request_for
from restage.study.launch import Deadlines, Stopped, launch
from restage.study.settings import StudySettings

STARTED = """
import os, sys, time, json
from pathlib import Path
from restage.study.events import EventWriter
from restage.study.limits import limit
from restage.study.request import TrialRequest
request = TrialRequest.of(sys.argv[2])
limit(request.memory_bytes, request.cpu_s, int(sys.argv[1]))
events = EventWriter(Path(request.folder))
events.tell('mistake')
"""


def alive(process: int) -> bool:
    try:
        state = Path(f'/proc/{process}/stat').read_text().rpartition(')')[2].split()[0]
    except OSError:
        return False
    return state != 'Z'


@pytest.mark.parametrize('wanted', [signal.SIGSEGV, signal.SIGABRT, signal.SIGKILL, signal.SIGBUS])
def test_death_by_a_signal_is_told_with_the_signal(trial, wanted):
    code = f'{STARTED}os.kill(os.getpid(), {int(wanted)})'
    events, ended = trial(code)
    assert (ended.signal, ended.code, ended.overdue) == (wanted, None, '')
    assert events.find('mistake') is not None


def test_a_real_bad_pointer_is_a_crash(trial):
    _, ended = trial(f'{STARTED}import ctypes; ctypes.string_at(16)')
    assert ended.signal == signal.SIGSEGV


def test_an_exit_code_is_told(trial):
    _, ended = trial(f'{STARTED}print("bye", file=sys.stderr); sys.exit(3)')
    assert (ended.signal, ended.code, ended.said) == (None, 3, 'bye')


@pytest.mark.parametrize(
    'hang', ['time.sleep(600)', 'while True: pass', 'os.kill(os.getpid(), 19)']
)
def test_a_hang_is_killed_at_its_deadline(trial, hang):
    begin = time.monotonic()
    _, ended = trial(f'{STARTED}{hang}', mistake=0.5)
    assert (ended.overdue, ended.signal) == ('mistake', None)
    assert time.monotonic() - begin < 60


def test_the_deadline_runs_from_the_mistake_not_from_its_preparation(trial):
    code = f'{STARTED}time.sleep(1.5); events.tell("struck"); time.sleep(600)'
    events, ended = trial(code, mistake=3.0)
    assert ended.overdue == 'mistake'
    assert ended.ended_ns - events.find('struck')['t'] >= 3.0e9


def test_a_start_that_hangs_is_overdue_as_such(trial):
    _, ended = trial('import time; time.sleep(600)', start=0.5)
    assert ended.overdue == 'start'


def test_memory_is_limited(trial):
    events, ended = trial(
        f'{STARTED}'
        'hoard = []\n'
        'try:\n'
        '    while True: hoard.append(bytearray(1 << 26))\n'
        'except MemoryError: events.tell("exception", count=len(hoard))\n',
        memory_bytes=1 << 30,
    )
    assert ended.code == 0
    assert 0 < events.find('exception')['count'] < 16


def test_garbage_on_every_channel_is_passed_over(trial):
    events, ended = trial(
        f'{STARTED}'
        'for file in (sys.stdout, sys.stderr): file.buffer.write(os.urandom(1 << 20))\n'
        'with open("events.jsonl", "ab") as file: file.write(b"\\xff{]\\n[1]\\n{}\\n\\n")\n'
        'events.tell("answer", shapes=[[4]])\n'
        'with open("events.jsonl", "ab") as file: file.write(b"{\\"event\\": \\"cut")\n'
    )
    assert ended.code == 0
    assert [event['event'] for event in events.events] == ['mistake', 'answer']
    assert events.outputs('answer') is None


@pytest.mark.parametrize('way', ['', 'os.setsid(); '])
def test_grandchildren_are_ended_wherever_they_went(trial, way, tmp_path):
    note = tmp_path / 'grandchild'
    _, ended = trial(
        f'{STARTED}'
        f'child = os.fork()\n'
        f'if not child:\n'
        f'    {way}os.fork(); Path({str(note)!r} + str(os.getpid())).touch(); time.sleep(600)\n'
        f'while len(list(Path({str(tmp_path)!r}).glob("grandchild*"))) < 2: time.sleep(0.01)\n'
    )
    grandchildren = [int(path.name.removeprefix('grandchild')) for path in tmp_path.glob('grand*')]
    assert len(grandchildren) == 2
    assert (ended.code, ended.left) == (0, 2)
    assert not any(alive(process) for process in grandchildren)


def test_a_study_that_stops_takes_its_trial_with_it(tmp_path):
    stop = threading.Event()
    stop.set()
    with TrialFolder(tmp_path, 'trial') as folder:
        request = request_for(StudySettings(), tmp_path, 'onnxruntime', 'none', 1, folder)
        with pytest.raises(Stopped):
            launch(request, Deadlines(), stop, 'import time; time.sleep(600)')


def test_a_trial_does_not_outlive_a_study_that_is_killed(tmp_path):
    code = f"""
import threading
from pathlib import Path
from restage.study.campaign import request_for
from restage.study.launch import Deadlines, launch
from restage.study.settings import StudySettings

folder = Path({str(tmp_path)!r})
request = request_for(StudySettings(), folder, 'onnxruntime', 'none', 1, folder)
trial = {STARTED!r} + 'Path("pid.new").write_text(str(os.getpid())); '
trial += 'os.rename("pid.new", "pid"); time.sleep(600)'
launch(request, Deadlines(), threading.Event(), trial)
"""
    study = subprocess.Popen([sys.executable, '-c', code])
    try:
        wait_for((tmp_path / 'pid').exists)
        trial = int((tmp_path / 'pid').read_text())
        assert alive(trial)
    finally:
        study.kill()
        study.wait()
    wait_for(lambda: not alive(trial))


def wait_for(condition, seconds: float = 30.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, 'it did not happen in time'
        time.sleep(0.01)


def test_processes_are_known_by_their_own_mark_only():
    from restage.study.leftovers import VARIABLE, end_all, find

    one, another = uuid.uuid4().hex, uuid.uuid4().hex
    mine = subprocess.Popen(['sleep', '600'], env={**os.environ, VARIABLE: one})
    other = subprocess.Popen(['sleep', '600'], env={**os.environ, VARIABLE: another})
    try:
        wait_for(lambda: find(one) == [mine.pid])
        assert end_all(one) == {mine.pid}
        assert mine.wait() == -signal.SIGKILL
        assert alive(other.pid)
    finally:
        other.kill()
        other.wait()
