# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The inference thread of a detection node."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from restage.checkpoint.errors import StoreError
from restage.checkpoint.nodefile import NodeFile
from restage.checkpoint.progress import FrameState, ProgressMarks
from restage.checkpoint.reader import CheckpointReader
from restage.nodes.lost_context import end_if_lost
from restage.nodes.orders import Promotion
from restage.nodes.shadow import Shadow
from restage.nodes.thread_name import name_thread
from restage.nodes.workbench import Workbench
from restage.recovery.overdue import INFERENCE
from restage.stages.frame import FrameJob, ResumeJob
from restage.stages.queue import FrameQueue
from restage.stages.reports import Outlet, ReportState, StageReport
from restage.stages.runner import StageError
from restage.weights.errors import WeightsError
from restage.weights.keeper import WEIGHTS

# How often a thread without work says that it lives; well below the shortest deadline.
BEAT_S = 0.015
# A stage of a shadow run may take so long, and so long the reload of a standby's weights: nobody
# waits for either.
SHADOW_STAGE_NS = 1_000_000_000
SHADOW_RELOAD_NS = 10_000_000_000


class Inference:
    """
    A thread that takes frames from ``queue`` through the engine, one after the other.

    ``image_deadline_s``: how long, after a takeover, to wait for an image that the dead primary had
    received already. ``store``: the folder of the checkpoint store, or None without one.
    """

    def __init__(
        self,
        bench: Workbench,
        outlet: Outlet,
        *,
        queue_depth: int,
        image_deadline_s: float,
        shadow_percent: float,
        store: Path | None,
        log: Callable[[str], None],
        found: Callable[[StageError], None],
    ) -> None:
        """Start the thread; ``found`` hears from it of errors in shadow runs."""
        self.queue = FrameQueue(queue_depth)
        self._image_deadline_s = image_deadline_s
        self.orders = bench.orders
        self.keeper = bench.keeper
        self.shadow = Shadow(
            bench.shadow,
            shadow_percent,
            lambda: self.keeper.state(FrameState.IDLE, SHADOW_STAGE_NS),
            self._on_shadow_error,
        )
        self._bench = bench
        self._outlet = outlet
        self._store = store
        self._log = log
        self._found = found
        self._epoch = 0
        self._thread = threading.Thread(target=self._run, name='inference', daemon=True)
        self._thread.start()

    def promote(self, promotion: Promotion) -> None:
        """Work as primary: on the unfinished frame, then on those that came after."""
        self._epoch = promotion.epoch
        self.keeper.promoted(promotion.epoch)
        self.queue.promote(promotion.after, promotion.resume)

    def stop(self) -> None:
        """End the thread after the frame in work."""
        self.queue.stop()
        self._thread.join(timeout=5.0)

    def _run(self) -> None:
        name_thread(INFERENCE)
        while not self.queue.stopped:
            self.keeper.idle()
            job = self.queue.get(BEAT_S)
            try:
                if isinstance(job, ResumeJob):
                    self._resume(job)
                elif job is not None:
                    self._bench.engine.process(job, self._epoch)
                else:
                    self.shadow.run_if_due(self.queue)
            except Exception as error:  # a bug here must not end detection for good
                stamp = f'frame {job.stamp_ns}' if job is not None else 'shadow run'
                what = f'{type(error).__name__}: {error}'
                self._log(f'{stamp} failed: {what}')
                end_if_lost(error)
                if job is not None:
                    self._lose(job, 'exception', what)
        self.keeper.stopped()

    def _resume(self, job: ResumeJob) -> None:
        """Finish a frame of a dead node: from its store, or from the image if this node has it."""
        start = None
        live_after = self._bench.model.live_after
        try:
            if self._store is None:
                raise StoreError('this node has no checkpoint store: it is on another host')
            file = NodeFile(self._store / job.from_node, private=True)
            reader = CheckpointReader(file, self._bench.digest)
            start = reader.restore(job.stamp_ns, live_after, at_most=job.boundary, copy=False)
            image = job.frame.image if job.frame is not None else None
            marks = ProgressMarks(file)
            frame = FrameJob(
                stamp_ns=job.stamp_ns,
                frame_id=marks.frame_id(),
                image=image,
                camera=marks.camera(),
                header_ns=marks.header_ns(),
            )
        except StoreError as error:
            # No stage was checkpointed yet: this node gets every image itself.
            self.keeper.state(FrameState.IDLE, round(self._image_deadline_s * 1e9))
            arrived = self.queue.image_of(job, self._image_deadline_s)
            if arrived is None:
                self._log(f'nothing to resume frame {job.stamp_ns} from: {error}')
                self._lose(job, 'no_checkpoint', f'neither a checkpoint nor the image: {error}')
                return
            frame = arrived
        frame = replace(frame, received_ns=time.monotonic_ns())
        self._bench.engine.process(frame, self._epoch, start, resumed=True)

    def _on_shadow_error(self, error: StageError) -> None:
        """Heal a standby: its own weights are all that can be wrong with it for long."""
        self._found(error)
        cured = ''
        if error.detector == WEIGHTS:
            self.keeper.state(FrameState.IDLE, SHADOW_RELOAD_NS)
            try:
                self._bench.live.reload()
                cured = '; clean weights are back'
            except WeightsError as failed:
                cured = f'; {failed}'
        self._log(f'in a shadow run: {error}{cured}')
        end_if_lost(error)

    def _lose(self, job: FrameJob | ResumeJob, detector: str, why: str) -> None:
        report = StageReport(
            stamp_ns=job.stamp_ns,
            frame_id=job.frame_id if isinstance(job, FrameJob) else '',
            state=ReportState.DROPPED,
            monotonic_ns=time.monotonic_ns(),
            detector=detector,
            error=why,
        )
        self._outlet.report(report)
