# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Accounts of frames: which the camera published, which came out, which were lost and why."""

from __future__ import annotations

from collections import Counter, OrderedDict

from restage.cameras import LATE_NS, Cameras


class FrameLedger:
    """
    Counts every frame by its stamp, which is its key among ``cameras``.

    Keeps the last ``capacity`` of those that are accounted for, and as many that are not yet. A
    frame is lost once a later frame of its camera has come out: detections are published in order.
    The accounts begin with the first frame that comes out: what the cameras saw before there was a
    primary is nobody's loss. They begin anew, for a camera, when its clock is set back.
    """

    def __init__(self, cameras: Cameras | None = None, capacity: int = 4096) -> None:
        """Count for ``cameras``; None: for one."""
        self._cameras = cameras or Cameras()
        # The newest frame that came out, by camera.
        self.newest = [0] * len(self._cameras)
        self.published = 0
        self.detected = 0
        self.duplicates = 0
        self.out_of_order = 0
        self.newest_published = 0
        self._open: OrderedDict[int, str] = OrderedDict()
        # By stamp: why it was lost, or an empty string.
        self._done: OrderedDict[int, str] = OrderedDict()
        self._lost: Counter[str] = Counter()
        self._capacity = capacity
        self._begun_ns = 0

    @property
    def newest_detected(self) -> int:
        """The newest frame that came out, of any camera."""
        return max(self.newest)

    def on_published(self, stamp_ns: int) -> None:
        """Note that the camera published the frame."""
        if self._begun_ns - stamp_ns >= LATE_NS:
            self._begun_ns = stamp_ns
        if stamp_ns in self._open or stamp_ns < self._begun_ns:
            return
        self.published += 1
        if not 0 < self.newest_published - stamp_ns < LATE_NS:
            self.newest_published = stamp_ns
        # Its camera info may arrive after its detections.
        if stamp_ns not in self._done:
            self._open[stamp_ns] = 'not_received'
            if len(self._open) > self._capacity:
                self._forget_oldest()

    def on_dropped(self, stamp_ns: int, reason: str) -> None:
        """Note why a frame will not come out."""
        if stamp_ns in self._open:
            self._open[stamp_ns] = reason

    def on_detected(self, stamp_ns: int) -> None:
        """Note that detections of the frame were received."""
        if self.was_detected(stamp_ns):
            self.duplicates += 1
            return
        if self.detected == 0:
            self._begun_ns = stamp_ns
            early = [stamp for stamp in self._open if stamp < stamp_ns]
            self.published -= len(early)
            for stamp in early:
                del self._open[stamp]
        camera = self._cameras.of(stamp_ns)
        if self.newest[camera] - stamp_ns >= LATE_NS:
            self._set_back(camera, stamp_ns)
        if stamp_ns < self.newest[camera]:
            self.out_of_order += 1
        elif stamp_ns < self._begun_ns:
            return  # another camera's, from before the accounts
        if stamp_ns in self._done:  # given up too early
            self._lost -= Counter([self._done[stamp_ns]])
        self.detected += 1
        self.newest[camera] = max(self.newest[camera], stamp_ns)
        self._open.pop(stamp_ns, None)
        self._close(stamp_ns, '')
        for older in [stamp for stamp in self._open if stamp < stamp_ns]:
            if self.same_camera(older, stamp_ns):
                self._lose(older)

    def _set_back(self, camera: int, stamp_ns: int) -> None:
        """Begin the accounts of the camera anew: what waits from before will not come out."""
        self.newest[camera] = stamp_ns
        self._begun_ns = min(self._begun_ns, stamp_ns)
        for other in [one for one in self._open if one - stamp_ns >= LATE_NS]:
            if self._cameras.of(other) == camera:
                self._lose(other)

    def _forget_oldest(self) -> None:
        oldest = next(iter(self._open))
        if self.detected:
            self._lose(oldest)
        else:
            del self._open[oldest]
            self.published -= 1

    def _lose(self, stamp_ns: int) -> None:
        reason = self._open.pop(stamp_ns)
        self._lost[reason] += 1
        self._close(stamp_ns, reason)

    def _close(self, stamp_ns: int, reason: str) -> None:
        self._done[stamp_ns] = reason
        if len(self._done) > self._capacity:
            self._done.popitem(last=False)

    def was_detected(self, stamp_ns: int) -> bool:
        """Return whether detections of the frame were received."""
        return self._done.get(stamp_ns) == ''

    def same_camera(self, one: int, other: int) -> bool:
        """Return whether the two frames are of one camera."""
        return self._cameras.of(one) == self._cameras.of(other)

    def waits(self, last_ns: int) -> bool:
        """Return whether a published frame up to ``last_ns`` has neither come out nor been lost."""
        return any(stamp <= last_ns for stamp in self._open)

    def lost_between(self, first_ns: int, last_ns: int) -> int:
        """Return how many published frames from ``first_ns`` to ``last_ns`` have not come out."""
        waiting = sum(first_ns <= stamp <= last_ns for stamp in self._open)
        closed = sum(
            reason != '' and first_ns <= stamp <= last_ns for stamp, reason in self._done.items()
        )
        return waiting + closed

    @property
    def lost(self) -> Counter[str]:
        """How many frames were lost, by reason."""
        return self._lost
