# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Take one frame through the stages: checkpoint, detect errors, resume, publish."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import torch

from restage.accelerator.failure import Failure
from restage.accelerator.judge import failure_of
from restage.checkpoint.boundaries import IMAGE
from restage.checkpoint.errors import StoreError
from restage.checkpoint.keeper import Keeper
from restage.checkpoint.progress import FrameState
from restage.checkpoint.reader import Restored
from restage.stages.commands import OrderBox
from restage.stages.frame import FrameJob, from_image
from restage.stages.healer import Healer, HealerOptions
from restage.stages.model import State
from restage.stages.reports import Outlet, ReportState
from restage.stages.runner import Doubt, StageError, StageRunner
from restage.weights.keeper import WeightKeeper

# DDS may have to wait for room in a reliable writer's history, by default 100 ms at the most.
PUBLISHING_NS = 150_000_000


@dataclass(frozen=True, kw_only=True)
class EngineOptions:
    """
    How the engine treats a frame.

    ``boundaries``: stage indices behind which to checkpoint; -1 is the image.
    ``report_every``: report all stages of every so manyth frame, and of those with an error; 0:
    only errors. A report costs about as much as a checkpoint.
    """

    boundaries: frozenset[int]
    healer: HealerOptions = HealerOptions()  # noqa: RUF009 - frozen
    report_every: int = 0


class FrameEngine:
    """Runs in the inference thread; knows nothing of ROS."""

    def __init__(
        self,
        runner: StageRunner,
        keeper: Keeper,
        orders: OrderBox,
        outlet: Outlet,
        options: EngineOptions,
        weights: WeightKeeper | None = None,
    ) -> None:
        """Work with ``keeper`` for checkpoints and tell ``outlet`` what happens."""
        self._runner = runner
        self._keeper = keeper
        self._outlet = outlet
        self._options = options
        self._frames = 0
        self._telling = False
        self._healer = Healer(runner, keeper, orders, outlet, options.healer, weights)

    def process(
        self, job: FrameJob, epoch: int, start: Restored | None = None, *, resumed: bool = False
    ) -> bool:
        """
        Work on ``job`` from its image, or from ``start``; return whether it was published.

        ``resumed``: another node began it; ``received_ns`` is when its state was restored.

        :raises ValueError: when there is neither an image nor a start.
        :raises ContextLostError: when this process must end; the frame is left in flight.
        """
        self._keeper.begin(
            job.stamp_ns, job.frame_id, epoch, camera=job.camera, header_ns=job.header_ns
        )
        in_flight = False
        try:
            return self._process(job, start, resumed=resumed)
        except Exception as error:
            # Who takes over from this process finds the frame as one in flight.
            in_flight = failure_of(error) is Failure.CONTEXT_LOST
            raise
        finally:
            if not in_flight:
                self._runner.hook.end_frame()
                self._keeper.ended()

    def _process(self, job: FrameJob, start: Restored | None, *, resumed: bool) -> bool:
        begun = time.monotonic_ns()
        every = self._options.report_every
        self._telling = every > 0 and (resumed or self._frames % every == 0)
        self._frames += 1
        self._runner.begin(job.stamp_ns)
        if start is None:
            start = Restored(IMAGE, from_image(job))
        if resumed:
            report = self._healer.report(job, ReportState.RESUMED, start.boundary + 1)
            self._outlet.report(
                replace(report, checkpoint=start.boundary, restored_ns=job.received_ns)
            )
        if start.boundary in self._options.boundaries:
            self._commit(start.boundary, start.tensors)
        detections = self._run(job, start)
        if detections is not None and self._outlet.may_publish():
            self._keeper.state(FrameState.PUBLISHING, PUBLISHING_NS)
            self._outlet.publish(job, detections)
            self._runner.published(detections)
            if self._telling:
                now = time.monotonic_ns()
                report = self._healer.report(job, ReportState.PUBLISHED, 0)
                self._outlet.report(replace(report, duration_ns=now - begun))
        elif detections is not None:
            self._healer.drop(job, 'fenced', 'another node has taken over')
            detections = None
        return detections is not None

    def _run(self, job: FrameJob, start: Restored) -> torch.Tensor | None:
        """Return the detections, or None when the frame was given up."""
        attempt = 0
        doubt: Doubt | None = None
        doubted: StageError | None = None
        while True:
            try:
                return self._run_from(job, start, attempt, doubt)
            except StageError as error:
                # Their frames would keep every tensor.
                found = error.with_traceback(None)
                found.__cause__ = found.__context__ = None
            self._telling = self._options.report_every > 0
            resumed = self._healer.after(job, found, attempt)
            while isinstance(resumed, StageError):
                attempt += 1
                resumed = self._healer.after(job, resumed, attempt)
            if resumed is None:
                return None
            start = resumed
            if not found.certain:
                doubted = found
            anew = start.boundary == IMAGE
            doubt = Doubt(doubted) if doubted is not None and anew else None
            attempt += 1

    def _run_from(
        self, job: FrameJob, start: Restored, attempt: int, doubt: Doubt | None
    ) -> torch.Tensor:
        model = self._runner.model
        state = dict(start.tensors)
        for index in range(start.boundary + 1, len(model.stages)):
            started = time.monotonic_ns()
            self._keeper.stage(index, started)
            state.update(self._runner.run(index, state, doubt))
            self._keeper.done(index, time.monotonic_ns() - started)
            live = model.live_after(index)
            state = {name: state[name] for name in live}
            if index in self._options.boundaries:
                self._commit(index, state)
            if self._telling:
                spent = time.monotonic_ns() - started
                report = self._healer.report(job, ReportState.DONE, index)
                self._outlet.report(replace(report, attempt=attempt, duration_ns=spent))
        return state['detections']

    def _commit(self, boundary: int, tensors: State) -> None:
        """Checkpoint; a frame is worth more than its checkpoint, so failing is no error of it."""
        try:
            self._keeper.commit(boundary, tensors)
        except (StoreError, torch.cuda.OutOfMemoryError) as error:
            self._outlet.warn(f'no checkpoint of frames like this: {error}')
