# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Frames waiting for the inference thread."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import replace

from restage.cameras import LATE_NS
from restage.stages.frame import FrameJob, ResumeJob


class FrameQueue:
    """
    Bounded queue between the executor and the inference thread.

    As standby it hands nothing out and keeps the newest frames, so that a takeover finds those
    the dead primary had still in front of it. As primary the oldest frame makes room when it is
    full: a late detection is worth less than a fresh one.
    """

    def __init__(self, capacity: int) -> None:
        """Hold at most ``capacity`` frames."""
        self._frames: deque[FrameJob] = deque()
        self._resume: ResumeJob | None = None
        self._capacity = capacity
        # By camera.
        self._after: dict[int, int] = {}
        self._newest: dict[int, int] = {}
        self._awaited_ns: int | None = None
        self._awaited: FrameJob | None = None
        self._open = False
        self._stopped = False
        self._changed = threading.Condition()

    def put(self, job: FrameJob) -> FrameJob | None:
        """
        Add ``job``; return the frame that was lost to make room, if this node is primary.

        A frame that the dead primary dealt with and that reaches this node late is not taken, nor
        one that was here before, nor one that a newer frame of its camera has overtaken: as
        primary, that is the one that was lost.
        """
        with self._changed:
            if self._open and job.stamp_ns == self._awaited_ns:
                self._awaited = job
                self._changed.notify()
                return None
            after = self._after.get(job.camera)
            if self._open and after is not None and 0 <= after - job.stamp_ns < LATE_NS:
                return None
            newest = self._newest.get(job.camera)
            if newest == job.stamp_ns:
                return None
            if newest is not None and 0 < newest - job.stamp_ns < LATE_NS:
                # Overtaken on its way: what is published is in order.
                return job if self._open else None
            if newest is not None and newest > job.stamp_ns and not self._open:
                # The clock was set back: what waits from before has come out, or never will.
                self._frames = deque(one for one in self._frames if one.camera != job.camera)
            self._newest[job.camera] = job.stamp_ns
            self._frames.append(job)
            dropped = self._frames.popleft() if len(self._frames) > self._capacity else None
            self._changed.notify()
            return dropped if self._open else None

    def promote(self, after: Sequence[int], resume: ResumeJob | None = None) -> None:
        """
        Hand out ``resume``, with its image if it waits here, then the frames that come ``after``.

        ``after``: stamp of the last frame that was dealt with, by camera; of one that is not in it
        every frame that waits is handed out.
        """
        with self._changed:
            if resume is not None:
                waiting = (job for job in self._frames if job.stamp_ns == resume.stamp_ns)
                resume = replace(resume, frame=next(waiting, None))
            self._resume = resume
            missing = resume is not None and resume.frame is None
            self._awaited_ns = resume.stamp_ns if resume is not None and missing else None
            self._awaited = None
            self._after = dict(enumerate(after))
            self._frames = deque(
                job for job in self._frames if job.stamp_ns > self._after.get(job.camera, -1)
            )
            self._open = True
            self._changed.notify()

    def demote(self) -> None:
        """Stop handing frames out."""
        with self._changed:
            self._open = False
            self._resume = None

    def stop(self) -> None:
        """Let every present and later ``get`` return None."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def image_of(self, resume: ResumeJob, timeout_s: float) -> FrameJob | None:
        """Return the frame to be resumed with its image, which may still be on its way here."""
        with self._changed:
            if resume.frame is None:
                self._changed.wait_for(lambda: self._awaited or self._stopped, timeout_s)
            frame = resume.frame or self._awaited
            self._awaited_ns, self._awaited = None, None
            return frame

    @property
    def stopped(self) -> bool:
        """Whether nothing will be handed out any more."""
        return self._stopped

    def is_open(self) -> bool:
        """Whether frames are handed out: the node is primary."""
        return self._open

    def newest(self) -> FrameJob | None:
        """Return the newest frame that waits, without taking it."""
        with self._changed:
            return self._frames[-1] if self._frames else None

    def get(self, timeout_s: float | None = None) -> FrameJob | ResumeJob | None:
        """Wait for the next frame and return it; None once stopped, or after ``timeout_s``."""
        with self._changed:
            self._changed.wait_for(self._has_work, timeout_s)
            if self._stopped or not self._open:
                return None
            if self._resume is not None:
                resume, self._resume = self._resume, None
                return resume
            return self._frames.popleft() if self._frames else None

    def _has_work(self) -> bool:
        return self._stopped or (self._open and (self._resume is not None or bool(self._frames)))
