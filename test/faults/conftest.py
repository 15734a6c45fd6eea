# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A process of its own for faults that end, stop or hang one."""

from __future__ import annotations

import json
import os
import select
import signal
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

import pytest
import torch

from restage.faults.command import Fault
from restage.faults.effects.end import LIBC
from restage.faults.enums import Persistence, When
from restage.faults.injector import FaultInjector
from restage.stages.model import Stage, StagedModel

PR_SET_PDEATHSIG = 1
STAGE_S = 0.3
# However late a fault strikes: a stage in whose middle it is to strike is not over before.
STRUCK_S = 20.0
TICK_S = 0.005
DEADLINE_S = 60.0


def _compute_for(seconds: float, enough: Callable[[], bool]) -> dict[str, torch.Tensor]:
    until = time.monotonic() + seconds
    x = torch.zeros(8192)
    while time.monotonic() < until and not enough():
        x.sin_()
    return {'detections': torch.zeros(0, 6)}


def _strikes_midway(fault: Fault, stamp: int) -> bool:
    """Tell whether a frame is to be struck while its stage computes."""
    after_s = float(fault.parameters.get('after_ms', -1.0)) / 1e3
    struck = stamp == 1 or (stamp > 1 and fault.persistence is Persistence.PERMANENT)
    return struck and fault.when is When.DURING and after_s < STRUCK_S


def _work(out: int, fault: Fault, frames: int) -> None:
    """Compute one frame without the fault, then ``frames`` with it, and tell of every step."""

    def say(state: str, **more: object) -> None:
        os.write(out, (json.dumps({'state': state, **more}) + '\n').encode())

    def tick() -> None:
        while True:
            time.sleep(TICK_S)
            say('tick')

    stamp, continued = 0, threading.Event()
    # A process that was stopped goes on where it was, and then its stage is soon over.
    signal.signal(signal.SIGCONT, lambda *_: continued.set())

    def compute(_: object) -> dict[str, torch.Tensor]:
        if not _strikes_midway(fault, stamp):
            return _compute_for(STAGE_S, lambda: False)
        return _compute_for(STRUCK_S, continued.is_set)

    stage = Stage(name='slow', inputs=('image',), outputs=('detections',), run=compute)
    model = StagedModel(name='m', stages=(stage,), class_names=(), input_size=(1, 1))
    injector = FaultInjector(
        model, lambda r: say(r.state.name, detail=r.detail, ns=r.monotonic_ns, stamp=r.stamp_ns)
    )
    for stamp in range(1 + frames):
        if stamp == 1:
            threading.Thread(target=tick, daemon=True).start()
            injector.arm(fault)
        continued.clear()
        injector.begin_frame(stamp)
        inputs = injector.before(stage, {'image': torch.zeros(1)})
        if stamp:
            say('entered', ns=time.monotonic_ns())
        with injector.during(stage):
            outputs = stage.run(inputs)
            if stamp:
                say('computed')
        injector.after(stage, outputs)
        if stamp:
            say('done')


@dataclass
class Child:
    """A forked process, and what it told so far: the states of the fault and its own steps."""

    pid: int
    out: int
    told: list[dict] = field(default_factory=list)
    ticks: int = 0
    status: int | None = None
    _rest: bytes = b''

    @property
    def states(self) -> list[str]:
        return [event['state'] for event in self.told]

    def read(self, seconds: float) -> bool:
        """Take in what comes within that time; return whether anything came."""
        if not select.select([self.out], [], [], seconds)[0]:
            return False
        data = os.read(self.out, 65536)
        *lines, self._rest = (self._rest + data).split(b'\n')
        events = [json.loads(line) for line in lines]
        self.ticks += sum(event['state'] == 'tick' for event in events)
        self.told += [event for event in events if event['state'] != 'tick']
        return bool(data)

    def read_on(self, silence_s: float) -> None:
        """Take in everything until nothing has come for that time."""
        deadline = time.monotonic() + DEADLINE_S
        while self.read(silence_s):
            assert time.monotonic() < deadline, (self.told, self.ticks)

    def wait_until(self, condition: Callable[[], bool]) -> None:
        """Read on until ``condition`` holds."""
        deadline = time.monotonic() + DEADLINE_S
        while not condition():
            assert time.monotonic() < deadline, (self.told, self.ticks)
            self.read(0.01)

    def wait_for(self, state: str, times: int = 1) -> dict:
        """Read on until ``state`` was told that often; return the last of them."""
        self.wait_until(lambda: self.states.count(state) >= times)
        return [event for event in self.told if event['state'] == state][-1]

    def wait_status(self, options: int = 0) -> int:
        """Wait for a change of state of the process and return it as ``os.waitpid`` does."""

        def changed() -> bool:
            pid, status = os.waitpid(self.pid, os.WNOHANG | options)
            if pid:
                self.status = status
            return bool(pid)

        self.status = None
        self.wait_until(changed)
        assert self.status is not None
        return self.status

    def end(self) -> int:
        """Wait until the process is over, and read to the end of what it told."""
        status = self.wait_status()
        self.read_on(0.0)
        return status

    def cpu_s(self) -> float:
        """Return the processor time that the process has used."""
        with open(f'/proc/{self.pid}/stat') as file:  # noqa: PTH123
            fields = file.read().rpartition(')')[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')

    def kill(self) -> None:
        """End the process, if it is not over."""
        if self.status is None or not (os.WIFEXITED(self.status) or os.WIFSIGNALED(self.status)):
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.out)


@pytest.fixture
def start() -> Iterator[Callable[..., Child]]:
    """Start a process that computes frames with a fault; ``prepare`` is called in it first."""
    with ExitStack() as stack:

        def fork(
            fault: Fault, *, frames: int = 1, prepare: Callable[[], object] = lambda: None
        ) -> Child:
            reader, writer = os.pipe()
            pid = os.fork()
            if pid == 0:
                try:
                    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
                    os.close(reader)
                    prepare()
                    _work(writer, fault, frames)
                    os._exit(0)
                except BaseException:
                    traceback.print_exc()
                    os._exit(1)
            os.close(writer)
            child = Child(pid, reader)
            stack.callback(child.kill)
            return child

        yield fork
