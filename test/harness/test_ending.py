# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from restage.harness.ending import Process, end_all

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)


def steps(heeded: signal.Signals) -> list[tuple[signal.Signals, float]]:
    """Wait long for the signal that ends it, and not for those that are ignored."""
    return [(number, 30.0 if number == heeded else 0.1) for number in SIGNALS]


def start(exits: signal.Signals | None, ignored: tuple[signal.Signals, ...]) -> Process:
    """Start a process that says when it is ready; not a shell, which may lose a SIGINT."""
    lines = ['import signal, sys']
    if exits is not None:
        lines.append(f'signal.signal({exits:d}, lambda *_: sys.exit(7))')
    lines += [f'signal.signal({number:d}, signal.SIG_IGN)' for number in ignored]
    lines += ['print(flush=True)', 'while True: signal.pause()']
    process = subprocess.Popen(
        [sys.executable, '-S', '-c', '\n'.join(lines)], stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    with process.stdout as ready:
        ready.readline()
    return process


@pytest.mark.parametrize(
    ('exits', 'ignored', 'heeded', 'status'),
    [
        (signal.SIGINT, (), signal.SIGINT, 7),
        (None, (signal.SIGINT,), signal.SIGTERM, -signal.SIGTERM),
        (None, (signal.SIGINT, signal.SIGTERM), signal.SIGKILL, -signal.SIGKILL),
    ],
)
def test_a_process_ends_by_the_mildest_signal_that_it_heeds(
    exits: signal.Signals | None,
    ignored: tuple[signal.Signals, ...],
    heeded: signal.Signals,
    status: int,
) -> None:
    process = start(exits, ignored)
    end_all([process], steps(heeded))
    assert process.poll() == status


def test_one_that_has_ended_is_left_alone() -> None:
    process = subprocess.Popen(['true'])
    process.wait(60)
    end_all([process], steps(signal.SIGKILL))
    assert process.returncode == 0
