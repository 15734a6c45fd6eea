# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""``proc.kill`` in a real process: it dies of SIGKILL while the stage computes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest

CHILD = """
import json, os, sys, time
import torch
from restage.faults.command import Fault
from restage.faults.enums import When
from restage.faults.injector import FaultInjector
from restage.stages.model import Stage, StagedModel

out, when, after_ms = int(sys.argv[1]), When[sys.argv[2]], float(sys.argv[3])
torch.set_num_threads(1)

def say(**event):
    os.write(out, (json.dumps(event) + '\\n').encode())

def compute(state):
    # However late the fault strikes: a stage in whose middle it is to strike is not over before.
    until = time.monotonic() + (0.5 if clean or when is not When.DURING or after_ms > 2e4 else 20)
    x = torch.zeros(8192)
    while time.monotonic() < until:
        x.sin_()
    return {'detections': torch.zeros(0, 6)}

stage = Stage(name='slow', inputs=('image',), outputs=('detections',), run=compute)
model = StagedModel(name='m', stages=(stage,), class_names=(), input_size=(1, 1))
injector = FaultInjector(
    model, lambda r: say(state=r.state.name, detail=r.detail, stamp=r.stamp_ns, ns=r.monotonic_ns)
)

def frame(stamp):
    injector.begin_frame(stamp)
    inputs = injector.before(stage, {'image': torch.zeros(1)})
    say(state='entered', ns=time.monotonic_ns())
    with injector.during(stage):
        outputs = stage.run(inputs)
        say(state='computed', ns=time.monotonic_ns())
    say(state='left')
    injector.after(stage, outputs)
    say(state='survived')

clean = True
frame(1)
clean = False
say(state='clean')
print('unflushed', end='')
injector.arm(Fault(id='k', kind='proc.kill', when=when, parameters={'after_ms': after_ms}))
frame(2)
"""


def run_child(when: str, after_ms: float) -> tuple[list[dict], str]:
    reader, writer = os.pipe()
    command = [sys.executable, '-c', CHILD, str(writer), when, str(after_ms)]
    # Buffered, so that the flush before the end shows.
    environment = {k: v for k, v in os.environ.items() if k != 'PYTHONUNBUFFERED'}
    with subprocess.Popen(
        command, pass_fds=[writer], stdout=subprocess.PIPE, text=True, env=environment
    ) as child:
        os.close(writer)
        output, _ = child.communicate(timeout=120)
    assert child.returncode == -signal.SIGKILL
    with os.fdopen(reader) as pipe:
        events = [json.loads(line) for line in pipe]
    clean = [event['state'] for event in events].index('clean')
    return events[clean + 1 :], output


@pytest.mark.parametrize('after_ms', [-1.0, 50.0])
def test_killed_in_the_middle_of_the_computation(after_ms):
    events, output = run_child('DURING', after_ms)
    assert [event['state'] for event in events] == ['ARMED', 'entered', 'FIRED']
    fired = events[-1]
    into_s = (fired['ns'] - events[1]['ns']) / 1e9
    assert into_s >= (0.2 if after_ms < 0 else 0.05)
    assert fired['stamp'] == 2
    assert fired['detail'].endswith('ms into the stage')
    assert output == 'unflushed'


def test_a_stage_that_ends_too_early_is_not_left_alive():
    events, _ = run_child('DURING', 60_000.0)
    assert [event['state'] for event in events] == ['ARMED', 'entered', 'computed', 'FIRED']


@pytest.mark.parametrize(
    ('when', 'states'),
    [
        ('BEFORE', ['ARMED', 'FIRED']),
        ('AFTER', ['ARMED', 'entered', 'computed', 'left', 'FIRED']),
    ],
)
def test_killed_before_and_after_the_computation(when, states):
    events, _ = run_child(when, -1.0)
    assert [event['state'] for event in events] == states
