# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A coordinator over a port in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from restage.checkpoint.progress import FaultNote, FrameState, Progress
from restage.recovery import coordinator, roles
from restage.recovery.case import RecoveryCase
from restage.recovery.cases import REPORT_NS
from restage.recovery.coordinator import Coordinator, CoordinatorOptions, SoftError
from restage.recovery.ports import NodeMarks, NodeOrder

PIDS = {'a': 100, 'b': 200, 'c': 300}
UNCONFIGURED, INACTIVE, ACTIVE = 1, 2, 3


@dataclass
class Clock:
    """What the recovery node takes for CLOCK_MONOTONIC; every look at it takes 1 ns."""

    now_ns: int = 10**15

    def monotonic_ns(self) -> int:
        self.now_ns += 1
        return self.now_ns

    def passes(self, span_ns: int) -> None:
        self.now_ns += span_ns


@dataclass
class FakePort:
    """Writes down what the coordinator does, in order."""

    done: list[tuple[object, ...]] = field(default_factory=list)
    files: dict[str, NodeMarks] = field(default_factory=dict)
    gone: set[int] = field(default_factory=set)
    cases: list[RecoveryCase] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    on_marks: Callable[[], None] = lambda: None

    def configure(self, node: str) -> None:
        self.done.append(('configure', node))

    def deactivate(self, node: str) -> None:
        self.done.append(('deactivate', node))

    def order(self, node: str, order: NodeOrder) -> None:
        self.done.append(('order', node, order))

    def marks(self, node: str) -> NodeMarks | None:
        self.on_marks()
        return self.files.get(node)

    def fence(self, epoch: int) -> None:
        self.done.append(('fence', epoch))

    def kill(self, node: str, pid: int, detector: str, why: str) -> None:
        self.done.append(('kill', node, pid, detector, why))

    def watch(self, node: str, pid: int) -> bool:
        if pid in self.gone:
            return False
        self.done.append(('watch', node, pid))
        return True

    def alive(self, pid: int) -> bool:
        return pid not in self.gone

    def finished(self, case: RecoveryCase) -> None:
        self.cases.append(case)

    def log(self, text: str) -> None:
        self.said.append(text)

    def take(self) -> list[tuple[object, ...]]:
        """Return what was done since the last time."""
        done = list(self.done)
        self.done.clear()
        return done

    def did(self, what: str) -> list[tuple[object, ...]]:
        """Return the things of one kind among those done."""
        return [one for one in self.done if one[0] == what]

    @property
    def orders(self) -> list[tuple[str, NodeOrder]]:
        return [(one[1], one[2]) for one in self.done if one[0] == 'order']

    def working(
        self,
        node: str,
        stamp_ns: int,
        *,
        state: FrameState = FrameState.RUNNING,
        stage: int = 2,
        ended_ns: int = 0,
        boundaries: tuple[int, ...] = (1, -1),
        fault: FaultNote | None = None,
    ) -> None:
        """Let ``node``'s file say that it works on a frame."""
        self.files[node] = NodeMarks(
            progress=Progress(state, stamp_ns, ended_ns, stage, 1, 1, 1),
            fault=fault,
            stages=('preprocess', 'backbone.0', 'neck', 'decode'),
            boundaries=boundaries,
        )

    def ended(self, node: str, *ended_of: int) -> None:
        """Let ``node``'s file say what it ended last of each camera."""
        marks = self.files[node]
        self.files[node] = replace(marks, progress=replace(marks.progress, ended_of=ended_of))

    def idle(self, node: str, last_ns: int) -> None:
        """Let ``node``'s file say that it has ended its last frame."""
        self.working(node, last_ns, state=FrameState.IDLE, ended_ns=last_ns, boundaries=(1, -1))


@dataclass
class System:
    """The coordinator and the nodes ``a``, ``b`` and ``c`` as it hears them."""

    port: FakePort
    coordinator: Coordinator
    clock: Clock

    def beats(
        self,
        node: str,
        state: int,
        *,
        epoch: int = 0,
        pid: int | None = None,
        remote: bool = False,
    ) -> None:
        pid = PIDS[node] if pid is None else pid
        self.coordinator.on_heartbeat(node, pid, state, epoch, remote=remote)

    def flows(self, *stamps: int) -> None:
        """Frames that the camera published and that came out."""
        for stamp in stamps:
            self.coordinator.on_published(stamp)
            self.coordinator.on_detected(stamp, self.clock.monotonic_ns())

    def settles(self) -> None:
        """Let the clock of the cases go on until no report is waited for any more."""
        self.clock.passes(2 * REPORT_NS)
        self.coordinator.tick(self.clock.monotonic_ns())

    def errs(
        self,
        node: str = 'a',
        stamp_ns: int = 4,
        *,
        attempt: int = 0,
        detector: str = 'finite',
        stage: str = 'neck',
        latest: int = 1,
        seen_ns: int | None = None,
    ) -> None:
        error = SoftError(
            node=node,
            stamp_ns=stamp_ns,
            stage=stage,
            attempt=attempt,
            detector=detector,
            error=f'{detector} in {stage}',
            latest=latest,
            seen_ns=self.clock.monotonic_ns() if seen_ns is None else seen_ns,
        )
        self.coordinator.on_soft_error(error)

    def dies(
        self,
        node: str,
        detector: str = 'process_exit',
        seen_ns: int | None = None,
        *,
        pid: int | None = None,
    ) -> None:
        pid = PIDS[node] if pid is None else pid
        seen_ns = self.clock.monotonic_ns() if seen_ns is None else seen_ns
        self.port.gone.add(pid)
        self.coordinator.on_death(node, pid, detector, 'it ended', seen_ns)

    def falls_silent(self, ticks: int) -> None:
        """Let so many ticks pass in which nobody is heard."""
        for _ in range(ticks):
            self.coordinator.tick(self.clock.monotonic_ns())

    def loses_peers(self) -> None:
        """Have DDS tell that somebody is lost."""
        self.coordinator.on_peers_lost(self.clock.monotonic_ns())

    def obeys(self) -> None:
        """Let whoever the coordinator wants killed die of it."""
        for _, node, pid, detector, _ in self.port.did('kill'):
            self.dies(str(node), str(detector), pid=int(str(pid)))

    def is_ready(self) -> None:
        """Every node comes up: ``a`` is primary with epoch 1, the others are standbys."""
        nodes = list(self.coordinator.roster.members)
        for node in nodes:
            self.beats(node, INACTIVE)
        self.beats('a', ACTIVE, epoch=1)
        self.flows(1, 2, 3)
        for node in nodes:
            self.port.idle(node, 3 if node == 'a' else 0)
        self.port.take()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of the recovery node."""
    clock = Clock()
    for module in (coordinator, roles):
        monkeypatch.setattr(module, 'time', clock)
    return clock


@pytest.fixture
def make_system(clock: Clock) -> Callable[..., System]:
    """Make a recovery node over ``nodes`` with options, which has heard nothing yet."""

    def make(*nodes: str, **options: Any) -> System:
        port = FakePort()
        leader = Coordinator(list(nodes or 'ab'), port, CoordinatorOptions(**options))
        return System(port, leader, clock)

    return make


@pytest.fixture
def make_ready(make_system: Callable[..., System]) -> Callable[..., System]:
    """Make one with ``a`` as primary and the others as standbys; frames 1 to 3 came out."""

    def make(*nodes: str, **options: Any) -> System:
        system = make_system(*nodes, **options)
        system.is_ready()
        return system

    return make


@pytest.fixture
def make_spread(make_system: Callable[..., System]) -> Callable[..., System]:
    """Make systems whose primary ``a`` is on another host, ``b`` a standby on this one."""

    def make(**options: Any) -> System:
        system = make_system(**options)
        system.beats('a', INACTIVE, remote=True)
        system.beats('b', INACTIVE)
        system.beats('a', ACTIVE, epoch=1, remote=True)
        system.flows(1, 2, 3)
        system.port.take()
        return system

    return make


@pytest.fixture
def starting(make_system: Callable[..., System]) -> System:
    """Nothing has been heard yet."""
    return make_system()


@pytest.fixture
def adopting(make_system: Callable[..., System]) -> System:
    """As ``starting``, in a store whose primary has epoch 5 and may still work."""
    return make_system(epoch=5, adopt=True)


@pytest.fixture
def system(make_ready: Callable[..., System]) -> System:
    """``a`` is primary with epoch 1, ``b`` is standby; frames 1 to 3 came out."""
    return make_ready()
