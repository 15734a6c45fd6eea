# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A coordinator over a port in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from restage.checkpoint.progress import FaultNote, FrameState, Progress
from restage.recovery import coordinator as module
from restage.recovery.case import RecoveryCase
from restage.recovery.cases import REPORT_NS
from restage.recovery.coordinator import Coordinator
from restage.recovery.ports import NodeMarks, NodeOrder

PIDS = {'a': 100, 'b': 200}
UNCONFIGURED, INACTIVE, ACTIVE = 1, 2, 3


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

    def idle(self, node: str, last_ns: int) -> None:
        """Let ``node``'s file say that it has ended its last frame."""
        self.working(node, last_ns, state=FrameState.IDLE, ended_ns=last_ns, boundaries=(1, -1))


@dataclass
class System:
    """The coordinator and the nodes ``a`` and ``b`` as it hears them."""

    port: FakePort
    coordinator: Coordinator

    def beats(self, node: str, state: int, *, epoch: int = 0, pid: int | None = None) -> None:
        self.coordinator.on_heartbeat(node, PIDS[node] if pid is None else pid, state, epoch)

    def flows(self, *stamps: int) -> None:
        """Frames that the camera published and that came out."""
        for stamp in stamps:
            self.coordinator.on_published(stamp)
            self.coordinator.on_detected(stamp, stamp)

    def settles(self) -> None:
        """Let the clock of the cases go on until no report is waited for any more."""
        self.coordinator.tick(2 * REPORT_NS)

    def dies(
        self,
        node: str,
        detector: str = 'process_exit',
        seen_ns: int = 1,
        *,
        pid: int | None = None,
    ) -> None:
        pid = PIDS[node] if pid is None else pid
        self.port.gone.add(pid)
        self.coordinator.on_death(node, pid, detector, 'it ended', seen_ns)


def make_system(epoch: int = 0, max_attempts: int = 2) -> System:
    port = FakePort()
    coordinator = Coordinator(['a', 'b'], port, epoch=epoch, max_attempts=max_attempts)
    return System(port, coordinator)


@pytest.fixture
def starting() -> System:
    """Nothing has been heard yet."""
    return make_system()


@pytest.fixture
def adopting() -> System:
    """As ``starting``, of a recovery node that found a store whose last epoch was 5."""
    return make_system(epoch=5)


@pytest.fixture
def make_adopting(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], System]:
    """Make one as ``adopting`` that listens for so many ns before it promotes anybody."""

    def make(grace_ns: int) -> System:
        monkeypatch.setattr(module, 'ADOPTION_NS', grace_ns)
        return make_system(epoch=5)

    return make


@pytest.fixture
def system() -> System:
    """``a`` is primary with epoch 1, ``b`` is standby; frames 1 to 3 came out."""
    system = make_system()
    system.beats('a', INACTIVE)
    system.beats('b', INACTIVE)
    system.beats('a', ACTIVE, epoch=1)
    system.flows(1, 2, 3)
    system.port.idle('a', 3)
    system.port.idle('b', 0)
    system.port.take()
    return system
