# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What the inference thread does about an error: report it, await the order, carry it out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from restage.accelerator.failure import ContextLostError, Failure
from restage.accelerator.judge import give_memory_back
from restage.checkpoint.boundaries import IMAGE, NO_CHECKPOINT
from restage.checkpoint.errors import NoCheckpointError
from restage.checkpoint.keeper import Keeper
from restage.checkpoint.progress import FrameState
from restage.checkpoint.reader import Restored
from restage.stages.commands import Order, OrderBox, Tier
from restage.stages.frame import FrameJob, from_image
from restage.stages.reports import Outlet, ReportState, StageReport
from restage.stages.runner import StageError, StageRunner
from restage.weights.errors import WeightsError
from restage.weights.keeper import NO_CLEAN_WEIGHTS, WEIGHTS, WeightKeeper

# Tries of one frame without an order from a recovery node: the first, and one more.
SELF_TRIES = 2


@dataclass(frozen=True, kw_only=True)
class HealerOptions:
    """
    How long things may take.

    ``order_deadline_s``: how long to wait for the recovery node's order after an error.
    ``reload_deadline_s``: how long it may take to bring back weights, or the whole model.
    """

    order_deadline_s: float = 0.02
    reload_deadline_s: float = 10.0


class Healer:
    """
    Part of the frame engine, in the inference thread.

    An error ends in one of three ways: the ordered tier; without an order in time, one retry on
    the node's own account; after that the frame is dropped, and said to be. With a lost context of
    the GPU none of them is left: the process ends.
    """

    def __init__(
        self,
        runner: StageRunner,
        keeper: Keeper,
        orders: OrderBox,
        outlet: Outlet,
        options: HealerOptions,
        weights: WeightKeeper | None,
    ) -> None:
        """Restore from ``keeper`` and ``weights`` what ``orders`` say; tell ``outlet``."""
        self._runner = runner
        self._keeper = keeper
        self._orders = orders
        self._outlet = outlet
        self._options = options
        self._weights = weights

    def after(self, job: FrameJob, error: StageError, attempt: int) -> Restored | StageError | None:
        """
        Return where to go on from after ``error`` on try ``attempt`` (from 0).

        None: the frame is given up. An error: what was ordered has failed in turn.

        :raises ContextLostError: when nothing can go on in this process.
        """
        error = self._root_cause(error)
        order = self._order(job, error, attempt)
        if error.detector == Failure.CONTEXT_LOST:
            # Where there is a standby, the recovery node has had this process killed by now.
            raise ContextLostError(str(error))
        if error.detector == Failure.GPU_MEMORY:
            give_memory_back()
        if order is None or order.tier is Tier.DROP_FRAME:
            reason = 'no order came in time' if order is None else 'the recovery node said so'
            self.drop(job, error.detector, f'{reason}; {error}')
            return None
        if order.tier is not Tier.RETRY_STAGE:
            self._keeper.state(FrameState.WAITING, round(self._options.reload_deadline_s * 1e9))
            try:
                self._reload(order.tier)
            except WeightsError as failed:
                now = time.monotonic_ns()
                return StageError(error.index, error.stage, NO_CLEAN_WEIGHTS, str(failed), now)
        restored = self._restore(job, order.boundary)
        if restored is None:
            self.drop(job, 'no_checkpoint', f'neither a checkpoint nor the image; {error}')
            return None
        now = time.monotonic_ns()
        report = self.report(job, ReportState.RESUMED, restored.boundary + 1)
        self._outlet.report(
            replace(report, attempt=attempt + 1, checkpoint=restored.boundary, restored_ns=now)
        )
        return restored

    def _root_cause(self, error: StageError) -> StageError:
        """Return damaged weights as the error, if they are what is behind ``error``."""
        if error.detector in (NO_CLEAN_WEIGHTS, Failure.CONTEXT_LOST):
            # They still are: to say so again would only have them ordered again. Of a lost context
            # nothing can be asked any more.
            return error
        # All of them: where there are many, that takes longer than a stage may.
        self._keeper.state(FrameState.WAITING, round(self._options.reload_deadline_s * 1e9))
        fault = self._weights.check_all() if self._weights is not None else None
        if fault is None or fault.stage > error.index:
            return error
        stage = self._runner.model.stages[fault.stage].name
        message = str(fault)
        if error.detector != WEIGHTS:
            message += f'; first seen as {error.detector}: {error.message}'
        return StageError(fault.stage, stage, WEIGHTS, message, error.seen_ns)

    def _order(self, job: FrameJob, error: StageError, attempt: int) -> Order | None:
        """Report ``error`` and return the order about it, in good time or this node's own."""
        self._keeper.state(FrameState.WAITING, round(self._options.order_deadline_s * 1e9))
        self._orders.expect(job.stamp_ns, attempt)
        # What was checkpointed behind the stage that erred is of no use. Of what may have been
        # wrong long before it was found, or may be right, only a run from the image tells.
        before = error.index - 1 if error.certain else IMAGE
        latest = self._keeper.latest(job.stamp_ns, before)
        report = replace(
            self.report(job, ReportState.ERROR, error.index),
            attempt=attempt,
            detector=error.detector,
            error=error.message,
            checkpoint=NO_CHECKPOINT if latest is None else latest,
            monotonic_ns=error.seen_ns,
        )
        self._outlet.report(report)
        order = self._orders.wait(self._options.order_deadline_s)
        if order is None and attempt + 1 < SELF_TRIES:
            tier = Tier.RELOAD_WEIGHTS if error.detector == WEIGHTS else Tier.RETRY_STAGE
            order = Order(job.stamp_ns, tier, before)
        return order

    def _reload(self, tier: Tier) -> None:
        if self._weights is None:
            raise WeightsError('this node keeps no clean copy of its weights')
        if tier is Tier.RELOAD_MODEL:
            self._weights.reload_model()
        else:
            self._weights.reload()

    def _restore(self, job: FrameJob, at_most: int) -> Restored | None:
        live_after: Callable[[int], Iterable[str]] = self._runner.model.live_after
        try:
            return self._keeper.restore(job.stamp_ns, live_after, at_most)
        except NoCheckpointError:
            return None if job.image is None else Restored(IMAGE, from_image(job))

    def drop(self, job: FrameJob, detector: str, why: str) -> None:
        """Report that the frame is given up."""
        report = self.report(job, ReportState.DROPPED, 0)
        self._outlet.report(replace(report, detector=detector, error=why))

    def report(self, job: FrameJob, state: ReportState, index: int) -> StageReport:
        """Return a report about the frame, of now."""
        stages = self._runner.model.stages
        return StageReport(
            stamp_ns=job.stamp_ns,
            frame_id=job.frame_id,
            state=state,
            stage=stages[index].name if index < len(stages) else '',
            stage_index=index,
            monotonic_ns=time.monotonic_ns(),
        )
