# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A process whose GPU context is lost ends, and no other."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch

from restage.accelerator.failure import ContextLostError
from restage.nodes.lost_context import STATUS, end_if_lost
from restage.stages.runner import StageError

PROGRAM = """
import torch
from restage.nodes.lost_context import end_if_lost
try:
    print('said before')
    end_if_lost(torch.AcceleratorError({text!r}))
finally:
    print('cleaned up')
"""


@pytest.mark.parametrize(
    ('text', 'status', 'said'),
    [
        ('CUDA error: unspecified launch failure', STATUS, 'said before\n'),
        ('CUDA error: invalid argument', 0, 'said before\ncleaned up\n'),
    ],
)
def test_the_process_ends_at_once_with_a_status_of_its_own(text, status, said):
    done = subprocess.run(
        [sys.executable, '-c', PROGRAM.format(text=text)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (status, said)


@pytest.mark.parametrize('kind', ['engine', 'shadow'])
def test_the_errors_of_the_inference_thread_are_known(monkeypatch, kind):
    ended: list[int] = []
    monkeypatch.setattr('restage.nodes.lost_context.os._exit', ended.append)
    if kind == 'engine':
        end_if_lost(ContextLostError('stage'))
    else:
        error = StageError(1, 'neck', 'backend_lost', 'it', 5)
        error.__cause__ = torch.AcceleratorError('CUDA error: misaligned address')
        end_if_lost(error)
    assert ended == [STATUS]
    end_if_lost(ValueError('a bug'))
    assert ended == [STATUS]
