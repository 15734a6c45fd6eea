# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Take one frame through the stages: checkpoint, detect errors, wait for orders, resume."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import torch

from restage.checkpoint.boundaries import NO_CHECKPOINT
from restage.checkpoint.errors import NoCheckpointError, StoreError
from restage.checkpoint.keeper import Keeper
from restage.checkpoint.progress import FrameState
from restage.checkpoint.reader import Restored
from restage.stages.commands import Order, OrderBox, Tier
from restage.stages.frame import FrameJob
from restage.stages.model import State
from restage.stages.reports import Outlet, ReportState, StageReport
from restage.stages.runner import StageError, StageRunner

# Tries of one frame without an order from a recovery node: the first, and one more.
SELF_TRIES = 2


@dataclass(frozen=True, kw_only=True)
class EngineOptions:
    """
    How the engine treats a frame.

    ``boundaries``: stage indices behind which to checkpoint; -1 is the image.
    ``order_deadline_s``: how long to wait for the recovery node's order after an error.
    ``report_stages``: report every stage, not only errors.
    """

    boundaries: frozenset[int]
    order_deadline_s: float = 0.02
    report_stages: bool = False


class FrameEngine:
    """
    Runs in the inference thread; knows nothing of ROS.

    An error ends in one of three ways: the ordered tier; without an order in time, one retry on
    the engine's own account; after that the frame is dropped, and said to be.
    """

    def __init__(
        self,
        runner: StageRunner,
        keeper: Keeper,
        orders: OrderBox,
        outlet: Outlet,
        options: EngineOptions,
    ) -> None:
        """Work with ``keeper`` for checkpoints and tell ``outlet`` what happens."""
        self._runner = runner
        self._keeper = keeper
        self._orders = orders
        self._outlet = outlet
        self._options = options

    def process(
        self, job: FrameJob, epoch: int, start: Restored | None = None, *, resumed: bool = False
    ) -> bool:
        """
        Work on ``job`` from its image, or from ``start``; return whether it was published.

        ``resumed``: another node began it; ``received_ns`` is when its state was restored.

        :raises ValueError: when there is neither an image nor a start.
        """
        self._keeper.begin(job.stamp_ns, job.frame_id, epoch)
        try:
            return self._process(job, start, resumed=resumed)
        finally:
            self._keeper.ended()

    def _process(self, job: FrameJob, start: Restored | None, *, resumed: bool) -> bool:
        begun = time.monotonic_ns()
        self._runner.hook.begin_frame(job.stamp_ns)
        if start is None:
            start = _from_image(job)
        if resumed:
            report = self._report(job, ReportState.RESUMED, start.boundary + 1)
            self._outlet.report(
                replace(report, checkpoint=start.boundary, restored_ns=job.received_ns)
            )
        if start.boundary in self._options.boundaries:
            self._commit(start.boundary, start.tensors)
        detections = self._run(job, start)
        if detections is not None and self._outlet.may_publish():
            self._keeper.state(FrameState.PUBLISHING)
            self._outlet.publish(job.stamp_ns, job.frame_id, detections)
            if self._options.report_stages:
                now = time.monotonic_ns()
                report = self._report(job, ReportState.PUBLISHED, 0)
                self._outlet.report(replace(report, duration_ns=now - begun))
        elif detections is not None:
            self._drop(job, 'fenced', 'another node has taken over')
            detections = None
        return detections is not None

    def _run(self, job: FrameJob, start: Restored) -> torch.Tensor | None:
        """Return the detections, or None when the frame was given up."""
        attempt = 0
        while True:
            try:
                return self._run_from(job, start, attempt)
            except StageError as error:
                resumed = self._after_error(job, error, attempt)
            if resumed is None:
                return None
            start = resumed
            attempt += 1

    def _run_from(self, job: FrameJob, start: Restored, attempt: int) -> torch.Tensor:
        model = self._runner.model
        state = dict(start.tensors)
        for index in range(start.boundary + 1, len(model.stages)):
            started = time.monotonic_ns()
            self._keeper.stage(index, started)
            state.update(self._runner.run(index, state))
            live = model.live_after(index)
            state = {name: state[name] for name in live}
            if index in self._options.boundaries:
                self._commit(index, state)
            if self._options.report_stages:
                spent = time.monotonic_ns() - started
                report = self._report(job, ReportState.DONE, index)
                self._outlet.report(replace(report, attempt=attempt, duration_ns=spent))
        return state['detections']

    def _after_error(self, job: FrameJob, error: StageError, attempt: int) -> Restored | None:
        """Report ``error``, wait for the order and carry it out; None: give the frame up."""
        self._keeper.state(FrameState.WAITING)
        self._orders.expect(job.stamp_ns)
        latest = self._keeper.latest(job.stamp_ns)
        report = replace(
            self._report(job, ReportState.ERROR, error.index),
            attempt=attempt,
            detector=error.detector,
            error=error.message,
            checkpoint=NO_CHECKPOINT if latest is None else latest,
            monotonic_ns=error.seen_ns,
        )
        self._outlet.report(report)
        order = self._orders.wait(self._options.order_deadline_s)
        if order is None and attempt + 1 < SELF_TRIES:
            order = Order(job.stamp_ns, Tier.RETRY_STAGE, error.index - 1)
        if order is None or order.tier is Tier.DROP_FRAME:
            reason = 'no order came in time' if order is None else 'the recovery node said so'
            self._drop(job, error.detector, f'{reason}; {error}')
            return None
        restored = self._restore(job, order.boundary)
        if restored is None:
            self._drop(job, 'no_checkpoint', f'neither a checkpoint nor the image; {error}')
            return None
        now = time.monotonic_ns()
        report = self._report(job, ReportState.RESUMED, restored.boundary + 1)
        self._outlet.report(
            replace(report, attempt=attempt + 1, checkpoint=restored.boundary, restored_ns=now)
        )
        return restored

    def _commit(self, boundary: int, tensors: State) -> None:
        """Checkpoint; a frame is worth more than its checkpoint, so failing is no error of it."""
        try:
            self._keeper.commit(boundary, tensors)
        except StoreError as error:
            self._outlet.warn(f'no checkpoint of frames like this: {error}')

    def _restore(self, job: FrameJob, at_most: int) -> Restored | None:
        live_after: Callable[[int], Iterable[str]] = self._runner.model.live_after
        try:
            return self._keeper.restore(job.stamp_ns, live_after, at_most)
        except NoCheckpointError:
            return None if job.image is None else _from_image(job)

    def _drop(self, job: FrameJob, detector: str, why: str) -> None:
        report = self._report(job, ReportState.DROPPED, 0)
        self._outlet.report(replace(report, detector=detector, error=why))

    def _report(self, job: FrameJob, state: ReportState, index: int) -> StageReport:
        stages = self._runner.model.stages
        return StageReport(
            stamp_ns=job.stamp_ns,
            frame_id=job.frame_id,
            state=state,
            stage=stages[index].name if index < len(stages) else '',
            stage_index=index,
            monotonic_ns=time.monotonic_ns(),
        )


def _from_image(job: FrameJob) -> Restored:
    if job.image is None:
        raise ValueError(f'frame {job.stamp_ns} has neither an image nor a checkpoint')
    return Restored(-1, {'image': torch.from_numpy(job.image)})
