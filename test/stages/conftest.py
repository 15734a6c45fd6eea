# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A frame engine with everything around it faked or in a file of the test's own."""

from __future__ import annotations

import math
import queue
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
import torch

from restage.checkpoint.keeper import Keeper, MemoryKeeper, StoreKeeper
from restage.checkpoint.nodefile import NodeFile, Plan, Slot, create_node_file
from restage.checkpoint.progress import Progress, ProgressMarks
from restage.checkpoint.reader import CheckpointReader
from restage.checkpoint.writer import CheckpointWriter
from restage.detect.deadlines import DeadlineOptions, Deadlines
from restage.detect.detector import ErrorDetector, Finding
from restage.detect.finite import FiniteDetector
from restage.detect.weights import WeightDetector
from restage.stages.commands import Order, OrderBox, Tier
from restage.stages.engine import EngineOptions, FrameEngine
from restage.stages.frame import FrameJob
from restage.stages.healer import HealerOptions
from restage.stages.hook import NoHook
from restage.stages.model import Stage, StagedModel
from restage.stages.reports import ReportState, StageReport
from restage.stages.runner import StageRunner
from restage.weights.golden import GoldenWeights
from restage.weights.guard import WeightFault, WeightGuard
from restage.weights.live import LiveModel

DEADLINE_S = 60.0
SECOND = 1_000_000_000
# Of the deadlines that a bench learns; none is met here: nobody watches.
FLOOR_NS, CEILING_NS = 100 * SECOND, 1_000 * SECOND
NAMES = ('image', 'x', 'c', 'p', 'detections')


class Death(BaseException):
    """Ends a node in the middle of a stage, as a signal would."""


class Faults(NoHook):
    """Does ``action(outputs)`` behind stage ``stage``, the first ``times`` times."""

    def __init__(self) -> None:
        self.frames: list[int] = []
        self.models: list[StagedModel] = []
        self._faults: list[tuple[str, int, Callable[[dict[str, torch.Tensor]], None]]] = []

    def add(
        self, stage: str, action: Callable[[dict[str, torch.Tensor]], None], times: int = 1
    ) -> None:
        self._faults.append((stage, times, action))

    def begin_frame(self, stamp_ns: int) -> None:
        self.frames.append(stamp_ns)

    def replace_model(self, model: StagedModel) -> None:
        self.models.append(model)

    def after(self, stage: Stage, outputs: dict[str, torch.Tensor]) -> None:
        for number, (name, times, action) in enumerate(self._faults):
            if name == stage.name and times > 0:
                self._faults[number] = (name, times - 1, action)
                action(outputs)


class TooLarge(ErrorDetector):
    """Sees in ``neck`` what passed every check in the stages before."""

    name = 'range'

    def check(
        self, stage: Stage, inputs: Mapping[str, torch.Tensor], outputs: Mapping[str, torch.Tensor]
    ) -> Finding | None:
        if stage.name == 'neck' and float(outputs['p'].abs().max()) > 1e6:
            return Finding('out of range')
        return None


class Unlikely(ErrorDetector):
    """Finds large values in ``c`` and ``p`` unlikely, but possible."""

    name = 'unlikely'

    def __init__(self) -> None:
        self.begun: list[int] = []
        self.learned: list[torch.Tensor] = []

    def begin(self, stamp_ns: int) -> None:
        self.begun.append(stamp_ns)

    def check(
        self, stage: Stage, inputs: Mapping[str, torch.Tensor], outputs: Mapping[str, torch.Tensor]
    ) -> Finding | None:
        for name in outputs:
            largest = float(outputs[name].abs().max()) if name in 'cp' else 0.0
            if largest > 100.0:
                return Finding(f'{name} up to {largest!r}', certain=False)
        return None

    def published(self, detections: torch.Tensor) -> None:
        self.learned.append(detections)


class FakeOutlet:
    """Keeps what the engine says; hands errors to who gives the orders."""

    def __init__(self) -> None:
        self.allowed = True
        self.published: list[tuple[int, str, torch.Tensor]] = []
        self.reports: list[StageReport] = []
        self.warnings: list[str] = []
        self.errors: queue.Queue[StageReport | None] = queue.Queue()
        self.on_publish: Callable[[], None] = lambda: None

    def may_publish(self) -> bool:
        return self.allowed

    def publish(self, job: FrameJob, detections: torch.Tensor) -> None:
        self.on_publish()
        self.published.append((job.stamp_ns, job.frame_id, detections.clone()))

    def report(self, report: StageReport) -> None:
        self.reports.append(report)
        if report.state is ReportState.ERROR:
            self.errors.put(report)

    def warn(self, text: str) -> None:
        self.warnings.append(text)

    @property
    def states(self) -> list[str]:
        return [report.state.name for report in self.reports]


class Weights:
    """
    The weights of a bench as a real guard keeps them.

    ``bad_file``: the model's file is lost from now on. ``calls``: what was asked for, in order.
    """

    def __init__(self, model: StagedModel, budget_ns: int, load: Callable[[], StagedModel]) -> None:
        self.bad_file = False
        self.calls: list[str] = []
        self.runner: StageRunner | None = None
        self.golden = GoldenWeights(model, None)
        self.guard = WeightGuard(model, self.golden, budget_ns, self._load)
        self.on_call: Callable[[], None] = lambda: None
        self._clean = load
        self._live = LiveModel(self.guard, model.digest(), self._load, self._use)

    def _load(self) -> StagedModel:
        if self.bad_file:
            raise ValueError('no such file')
        return self._clean()

    def _use(self, model: StagedModel) -> None:
        assert self.runner is not None
        self.runner.model = model
        self.runner.hook.replace_model(model)

    def check_all(self) -> WeightFault | None:
        return self._live.check_all()

    def reload(self) -> object:
        self.calls.append('reload')
        self.on_call()
        return self._live.reload()

    def reload_model(self) -> None:
        self.calls.append('reload_model')
        self.on_call()
        self._live.reload_model()

    @property
    def model(self) -> StagedModel:
        assert self.runner is not None
        return self.runner.model

    def damage(self, value: float = 0.125) -> None:
        """Overwrite one weight of ``backbone.0``: by default with a value like the others."""
        with torch.no_grad():
            self.model.weights['backbone.0.weight'].view(-1)[7] = value

    def damage_for_good(self) -> None:
        """Let weights, their golden copy and the model's file be damaged."""
        self.damage()
        self.golden.writable()[0] ^= 1
        self.bad_file = True

    def intact(self) -> bool:
        name = 'backbone.0.weight'
        return torch.equal(self.model.weights[name], self._clean().weights[name])


@dataclass
class Bench:
    """
    One node's engine.

    ``file`` and ``deadlines`` are None where its checkpoints are in memory, ``weights`` where
    nobody looks after those.
    """

    engine: FrameEngine
    keeper: Keeper
    orders: OrderBox
    outlet: FakeOutlet = field(repr=False)
    faults: Faults
    runner: StageRunner
    unlikely: Unlikely
    file: NodeFile | None
    deadlines: Deadlines | None = None
    weights: Weights | None = None

    def progress(self) -> Progress:
        assert self.file is not None
        return ProgressMarks(self.file).read()

    def reader(self) -> CheckpointReader:
        assert self.file is not None
        return CheckpointReader(self.file)


@dataclass
class Maker:
    """Makes benches of ``kind``: ``memory`` or ``store``; ``load`` makes their model."""

    load: Callable[[], StagedModel]
    folder: Path
    kind: str

    def __call__(
        self,
        boundaries: Sequence[int] = (-1, 0, 1, 2),
        *,
        name: str = 'a',
        deadline_s: float = DEADLINE_S,
        reload_deadline_s: float = DEADLINE_S,
        report_every: int = 0,
        slot_bytes: int = 65536,
        guarded: bool = False,
        doubtful: bool = False,
        weight_budget_ns: int = 0,
        load: Callable[[], StagedModel] | None = None,
    ) -> Bench:
        load = load or self.load
        model = load()
        file = deadlines = weights = None
        keeper: Keeper = MemoryKeeper()
        if self.kind == 'store':
            create_node_file(self.folder / name, 2 * 1024 * 1024)
            file = NodeFile(self.folder / name)
            plan = Plan(
                tuple(Slot(tensor, slot_bytes) for tensor in NAMES),
                tuple(stage.name for stage in model.stages),
            )
            deadlines = Deadlines(
                len(model.stages), DeadlineOptions(floor_ns=FLOOR_NS, ceiling_ns=CEILING_NS)
            )
            keeper = StoreKeeper(CheckpointWriter(file, plan), CheckpointReader(file), deadlines)
        orders, outlet, faults = OrderBox(), FakeOutlet(), Faults()
        unlikely = Unlikely()
        detectors: list[ErrorDetector] = [FiniteDetector(), TooLarge()]
        if doubtful:
            detectors.append(unlikely)
        if guarded:
            weights = Weights(model, weight_budget_ns, load)
            detectors.append(WeightDetector(model, weights.guard))
        runner = StageRunner(model, detectors, faults)
        if weights is not None:
            weights.runner = runner
        options = EngineOptions(
            boundaries=frozenset(boundaries),
            healer=HealerOptions(order_deadline_s=deadline_s, reload_deadline_s=reload_deadline_s),
            report_every=report_every,
        )
        engine = FrameEngine(runner, keeper, orders, outlet, options, weights)
        return Bench(
            engine, keeper, orders, outlet, faults, runner, unlikely, file, deadlines, weights
        )


@pytest.fixture(params=['memory', 'store'])
def make(
    request: pytest.FixtureRequest, load_tiny_model: Callable[[], StagedModel], tmp_path: Path
) -> Maker:
    """Make benches, once with checkpoints in memory and once in a store."""
    return Maker(load_tiny_model, tmp_path, request.param)


@pytest.fixture
def make_stored(load_tiny_model: Callable[[], StagedModel], tmp_path: Path) -> Maker:
    """Make benches with a store."""
    return Maker(load_tiny_model, tmp_path, 'store')


@pytest.fixture
def job() -> FrameJob:
    generator = np.random.default_rng(7)
    image = generator.integers(0, 255, (12, 16, 3), np.uint8)
    return FrameJob(stamp_ns=1_000, frame_id='front', image=image, received_ns=55)


@pytest.fixture
def clean(tiny_model: StagedModel, job: FrameJob) -> dict[str, torch.Tensor]:
    """Every tensor of the frame as it is without a fault."""
    assert job.image is not None
    return StageRunner(tiny_model).run_all(torch.from_numpy(job.image))


class Commander:
    """
    The recovery node: a thread that answers the errors of a bench, one order each.

    ``before`` is called with every error, before its order is given.
    """

    def __init__(self) -> None:
        self.taken: list[bool] = []
        self.before: Callable[[StageReport], None] = lambda _: None
        self._thread: threading.Thread | None = None
        self._outlet: FakeOutlet | None = None

    def answer(self, bench: Bench, *answers: tuple[Tier, int]) -> None:
        self._outlet = bench.outlet

        def run() -> None:
            for tier, boundary in answers:
                report = bench.outlet.errors.get(timeout=DEADLINE_S)
                if report is None:
                    return
                self.before(report)
                order = Order(report.stamp_ns, tier, boundary, report.attempt)
                self.taken.append(bench.orders.give(order))

        self._thread = threading.Thread(target=run, daemon=True)
        self._thread.start()

    def end(self) -> None:
        if self._thread is not None and self._outlet is not None:
            self._outlet.errors.put(None)
            self._thread.join(DEADLINE_S)
            assert not self._thread.is_alive()


@pytest.fixture
def commander() -> Iterator[Commander]:
    commander = Commander()
    yield commander
    commander.end()


def write(outputs: dict[str, torch.Tensor], value: float) -> None:
    with torch.inference_mode():
        for tensor in outputs.values():
            tensor[(0,) * tensor.dim()] = value


def write_nan(outputs: dict[str, torch.Tensor]) -> None:
    write(outputs, math.nan)


def write_large(outputs: dict[str, torch.Tensor]) -> None:
    write(outputs, 1e30)


def fail(_: dict[str, torch.Tensor]) -> None:
    raise RuntimeError('no memory')


def die(_: dict[str, torch.Tensor]) -> None:
    raise Death


@pytest.fixture
def spoil() -> dict[str, Callable[[dict[str, torch.Tensor]], None]]:
    """What can be done to the outputs of a stage, by name."""
    return {'nan': write_nan, 'large': write_large, 'raise': fail, 'die': die}


@pytest.fixture
def death() -> type[BaseException]:
    return Death
