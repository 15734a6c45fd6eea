# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The inference thread of a detection node, and all that belongs to one loaded model."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch

from restage.checkpoint.errors import StoreError
from restage.checkpoint.keeper import Keeper, MemoryKeeper, StoreKeeper
from restage.checkpoint.nodefile import NodeFile, Plan, Slot
from restage.checkpoint.progress import ProgressMarks
from restage.checkpoint.reader import CheckpointReader
from restage.checkpoint.writer import CheckpointWriter
from restage.detect.finite import FiniteDetector
from restage.nodes.detection_options import DetectionOptions, boundary_indices
from restage.stages.commands import OrderBox
from restage.stages.engine import EngineOptions, FrameEngine
from restage.stages.frame import FrameJob, ResumeJob
from restage.stages.hook import StageHook
from restage.stages.loading import warm_up
from restage.stages.model import StagedModel, State
from restage.stages.queue import FrameQueue
from restage.stages.reports import Outlet, ReportState, StageReport
from restage.stages.runner import StageRunner

# The largest image a checkpoint of the frame itself has room for: Full HD, three bytes a pixel.
IMAGE_BYTES = 1920 * 1080 * 3
SMALLEST_SLOT = 64 * 1024


class Inference:
    """
    A thread that takes frames from ``queue`` through the engine, one after the other.

    ``store``: the folder of the checkpoint store, or None to keep checkpoints in this process.
    """

    def __init__(
        self,
        model: StagedModel,
        options: DetectionOptions,
        hook: StageHook,
        outlet: Outlet,
        *,
        node_name: str,
        store: Path | None,
        log: Callable[[str], None],
    ) -> None:
        """
        Warm the model up and attach to the store.

        :raises ValueError: for boundaries the model does not have.
        :raises StoreError: when the store has no room for the model's checkpoints.
        """
        torch.set_num_threads(options.threads)
        self.queue = FrameQueue(options.queue_depth)
        self.orders = OrderBox()
        self._model = model
        self._digest = model.digest()
        self._outlet = outlet
        self._store = store
        self._log = log
        self._epoch = 0
        names = tuple(stage.name for stage in model.stages)
        boundaries = boundary_indices(options.boundaries, names)
        # Warmed up without the hook: a fault belongs to a frame.
        sizes = warm_up(StageRunner(model, [FiniteDetector()]))
        self.keeper = self._make_keeper(node_name, boundaries, sizes)
        self._engine = FrameEngine(
            StageRunner(model, [FiniteDetector()], hook),
            self.keeper,
            self.orders,
            outlet,
            EngineOptions(
                boundaries=boundaries,
                order_deadline_s=options.order_deadline_s,
                report_stages=options.report_stages,
            ),
        )
        self._thread = threading.Thread(target=self._run, name='inference', daemon=True)
        self._thread.start()

    def _make_keeper(self, node: str, boundaries: frozenset[int], sizes: State) -> Keeper:
        if self._store is None:
            return MemoryKeeper()
        names = {name for boundary in boundaries for name in self._model.live_after(boundary)}
        slots = tuple(
            Slot(name, IMAGE_BYTES if name == 'image' else max(sizes[name].nbytes, SMALLEST_SLOT))
            for name in sorted(names)
        )
        plan = Plan(slots, tuple(stage.name for stage in self._model.stages), self._digest)
        file = NodeFile(self._store / node)
        return StoreKeeper(CheckpointWriter(file, plan), CheckpointReader(file))

    def promote(self, epoch: int, after_ns: int, resume: ResumeJob | None) -> None:
        """Work as primary of ``epoch``: ``resume`` first, then the frames after ``after_ns``."""
        self._epoch = epoch
        self.queue.promote(after_ns, resume)

    def stop(self) -> None:
        """End the thread after the frame in work."""
        self.queue.stop()
        self._thread.join(timeout=5.0)

    def _run(self) -> None:
        while (job := self.queue.get()) is not None:
            try:
                if isinstance(job, ResumeJob):
                    self._resume(job)
                else:
                    self._engine.process(job, self._epoch)
            except Exception as error:  # a bug here must not end detection for good
                self._log(f'frame {job.stamp_ns} failed: {type(error).__name__}: {error}')

    def _resume(self, job: ResumeJob) -> None:
        """Finish a frame of a dead node: from its store, or from the image if this node has it."""
        frame = job.frame or FrameJob(stamp_ns=job.stamp_ns, frame_id='', image=None)
        start = None
        try:
            assert self._store is not None
            file = NodeFile(self._store / job.from_node)
            reader = CheckpointReader(file, self._digest)
            start = reader.restore(job.stamp_ns, self._model.live_after, at_most=job.boundary)
            frame = replace(frame, frame_id=ProgressMarks(file).frame_id())
        except StoreError as error:
            self._log(f'no checkpoint to resume frame {job.stamp_ns} from: {error}')
            if job.frame is None:
                self._lose(job, str(error))
                return
        frame = replace(frame, received_ns=time.monotonic_ns())
        self._engine.process(frame, self._epoch, start, resumed=True)

    def _lose(self, job: ResumeJob, why: str) -> None:
        report = StageReport(
            stamp_ns=job.stamp_ns,
            frame_id='',
            state=ReportState.DROPPED,
            monotonic_ns=time.monotonic_ns(),
            detector='no_checkpoint',
            error=f'neither a checkpoint nor the image: {why}',
        )
        self._outlet.report(report)
