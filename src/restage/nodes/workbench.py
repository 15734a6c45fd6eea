# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""All that the inference thread works with, put together for one loaded model."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from restage.checkpoint.boundaries import IMAGE
from restage.checkpoint.keeper import Keeper, MemoryKeeper, StoreKeeper
from restage.checkpoint.nodefile import NodeFile, Plan, Slot
from restage.checkpoint.reader import CheckpointReader
from restage.checkpoint.writer import CheckpointWriter
from restage.detect.deadlines import FIRST, DeadlineOptions, Deadlines
from restage.detect.detector import ErrorDetector
from restage.detect.stack import StackOptions, make_stack
from restage.nodes.boundaries import boundaries_of, checked_stages
from restage.nodes.calibrated import find_calibration
from restage.nodes.detection_options import DetectionOptions
from restage.stages.commands import OrderBox
from restage.stages.engine import EngineOptions, FrameEngine
from restage.stages.healer import HealerOptions
from restage.stages.hook import StageHook
from restage.stages.loading import blank_state, warm_up
from restage.stages.model import StagedModel, State
from restage.stages.reports import Outlet
from restage.stages.runner import StageRunner
from restage.weights.golden import GoldenWeights, golden_path
from restage.weights.guard import WeightGuard
from restage.weights.live import LiveModel

# The largest image a checkpoint of the frame itself has room for: Full HD, three bytes a pixel.
IMAGE_BYTES = 1920 * 1080 * 3
SMALLEST_SLOT = 64 * 1024


@dataclass(frozen=True, kw_only=True)
class Workbench:
    """
    ``shadow`` runs the same model without faults, checkpoints or reports.

    ``behind``: the names of what is checkpointed. ``weights_checked``: on frames, not only after
    errors.
    """

    model: StagedModel
    detectors: tuple[ErrorDetector, ...]
    digest: str
    engine: FrameEngine
    keeper: Keeper
    orders: OrderBox
    live: LiveModel
    runner: StageRunner
    shadow: StageRunner
    deadlines: Deadlines
    behind: tuple[str, ...]
    on_gpu: bool
    weights_checked: bool


def make_workbench(
    load: Callable[[], StagedModel],
    options: DetectionOptions,
    hook_for: Callable[[StagedModel], StageHook],
    outlet: Outlet,
    *,
    node_name: str,
    store: Path | None,
) -> Workbench:
    """
    Load and warm the model, attach to ``store`` (None: keep checkpoints in this process).

    :raises ValueError: when the model, its plan or its boundaries cannot be used.
    :raises StoreError: when the store has no room for the model's checkpoints or weights.
    """
    torch.set_num_threads(options.threads)
    model = load()
    digest = model.digest()
    boundaries = boundaries_of(model, digest, options)
    golden = GoldenWeights(model, golden_path(store, digest) if store is not None else None)
    guard = WeightGuard(model, golden, round(options.weight_check_ms * 1e6), load)
    detectors = make_stack(
        model,
        checked_stages(model, boundaries),
        guard,
        find_calibration(options, digest),
        StackOptions(
            margin=options.range_margin,
            clip=options.range_action == 'clip',
            plausibility=options.plausibility,
            cameras=options.cameras,
        ),
    )
    # Warmed up without the hook: a fault belongs to a frame.
    shadow = StageRunner(model, detectors)
    sizes = warm_up(shadow)
    runner = StageRunner(model, detectors, hook_for(model))

    def use(fresh: StagedModel) -> None:
        # At once: it is the one whose weights are watched from now on, even if it fails.
        runner.model = shadow.model = fresh
        runner.hook.replace_model(fresh)
        warm_up(StageRunner(fresh, detectors))

    deadlines = Deadlines(
        len(model.stages),
        DeadlineOptions(
            factor=options.stage_deadline_factor,
            floor_ns=round(options.stage_deadline_floor_ms * 1e6),
            ceiling_ns=round(options.stage_deadline_ms * 1e6),
        ),
    )
    keeper: Keeper = MemoryKeeper(deadlines)
    if store is not None:
        plan = _store_plan(model, digest, boundaries, sizes)
        file = NodeFile(store / node_name)
        for _ in range(FIRST):
            _learn(shadow, deadlines)
        writer = CheckpointWriter(file, plan)
        writer.reserve({slot.name: sizes[slot.name] for slot in plan.slots if slot.name in sizes})
        keeper = StoreKeeper(writer, CheckpointReader(file), deadlines)
    live = LiveModel(guard, digest, load, use)
    orders = OrderBox()
    engine = FrameEngine(
        runner,
        keeper,
        orders,
        outlet,
        EngineOptions(
            boundaries=boundaries,
            healer=HealerOptions(order_deadline_s=options.order_deadline_s),
            report_every=options.report_every,
        ),
        live,
    )
    return Workbench(
        model=model,
        detectors=tuple(detectors),
        digest=digest,
        engine=engine,
        keeper=keeper,
        orders=orders,
        live=live,
        runner=runner,
        shadow=shadow,
        deadlines=deadlines,
        on_gpu=options.device != 'cpu',
        weights_checked=guard.frames_per_round > 0,
        behind=tuple(
            'image' if index == IMAGE else model.stages[index].name for index in sorted(boundaries)
        ),
    )


def _learn(runner: StageRunner, deadlines: Deadlines) -> None:
    """Take the times of a warm run on a blank image."""
    state = blank_state(runner.model)
    for index in range(len(runner.model.stages)):
        started = time.monotonic_ns()
        state.update(runner.run(index, state))
        deadlines.learn(index, time.monotonic_ns() - started)


def _store_plan(model: StagedModel, digest: str, boundaries: frozenset[int], sizes: State) -> Plan:
    """Return the layout of the store: a slot for every tensor alive at some boundary."""
    names = {name for boundary in boundaries for name in model.live_after(boundary)}
    slots = tuple(
        Slot(name, IMAGE_BYTES if name == 'image' else max(sizes[name].nbytes, SMALLEST_SLOT))
        for name in sorted(names)
    )
    return Plan(slots, tuple(stage.name for stage in model.stages), digest)
