# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What the camera published and what came out, frame by frame; nothing is kept for long."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from restage.camera.frame_log import FrameRecord
from restage.soak.histogram import Histogram

Detections = NDArray[np.float64]
# Stamps that came out are remembered for so many frames, to know one that comes again.
REMEMBERED = 4096


@dataclass(kw_only=True)
class Window:
    """
    The frames between two looks at the accounts, by their stamps in ns.

    ``lost``: why, or an empty string where nobody said. ``differing``: those whose detections
    are not those of the fault-free run. ``twice``, ``late``: that came out again, or after a newer
    one. ``invented``: that no camera published. ``silence_ms``: the longest time between two
    outputs.
    """

    frames_in: int = 0
    frames_out: int = 0
    lost: dict[int, str] = field(default_factory=dict)
    differing: list[int] = field(default_factory=list)
    twice: list[int] = field(default_factory=list)
    late: list[int] = field(default_factory=list)
    invented: list[int] = field(default_factory=list)
    silence_ms: float = 0.0


class Accounts:
    """The frames of one camera, which has one stamp for each."""

    def __init__(self, reference: Mapping[int, Detections]) -> None:
        """Compare outputs with ``reference``: detections by the index of the source's frame."""
        self.latency = Histogram()
        self.newest_published = 0
        self.newest_out = 0
        self._reference = reference
        self._begun = False
        self._published: OrderedDict[int, FrameRecord] = OrderedDict()
        # Received before the record of their frame was read.
        self._early: dict[int, tuple[int, Detections]] = {}
        self._out: OrderedDict[int, None] = OrderedDict()
        self._reasons: dict[int, str] = {}
        self._last_received_ns = 0
        self._window = Window()

    def begin(self) -> None:
        """Begin: what was lost until now, before the system was up, is nobody's loss."""
        self._begun = True
        self._window = Window()
        self._published = OrderedDict(
            (stamp, one) for stamp, one in self._published.items() if stamp > self.newest_out
        )

    def on_published(self, record: FrameRecord) -> None:
        """Note a frame of the camera."""
        self._window.frames_in += 1
        self.newest_published = max(self.newest_published, record.stamp_ns)
        self._published[record.stamp_ns] = record
        if record.stamp_ns in self._early:
            self._match(record.stamp_ns, *self._early.pop(record.stamp_ns))

    def on_output(self, stamp_ns: int, received_ns: int, detections: Detections) -> None:
        """Note detections as they were received; time on CLOCK_MONOTONIC, ns."""
        self._note_silence(received_ns)
        if stamp_ns in self._out:
            self._window.twice.append(stamp_ns)
            return
        if stamp_ns < self.newest_out:
            self._window.late.append(stamp_ns)
        self.newest_out = max(self.newest_out, stamp_ns)
        self._out[stamp_ns] = None
        if len(self._out) > REMEMBERED:
            self._out.popitem(last=False)
        if stamp_ns in self._published:
            self._match(stamp_ns, received_ns, detections)
        else:
            self._early[stamp_ns] = received_ns, detections

    def _note_silence(self, received_ns: int) -> None:
        if self._last_received_ns:
            silence_ms = (received_ns - self._last_received_ns) / 1e6
            self._window.silence_ms = max(self._window.silence_ms, silence_ms)
        self._last_received_ns = received_ns

    def _match(self, stamp_ns: int, received_ns: int, detections: Detections) -> None:
        record = self._published.pop(stamp_ns)
        self._window.frames_out += 1
        if self._begun:
            self.latency.add((received_ns - record.published_monotonic_ns) / 1e6)
        if not np.array_equal(detections, self._reference[record.index]):
            self._window.differing.append(stamp_ns)

    def on_dropped(self, stamp_ns: int, reason: str) -> None:
        """Note why a node gave a frame up; another may still publish it."""
        self._reasons[stamp_ns] = reason

    def close(self) -> Window:
        """Return what there was since the last time; frames after the newest output are open."""
        window, self._window = self._window, Window()
        for stamp_ns in [stamp for stamp in self._published if stamp < self.newest_out]:
            del self._published[stamp_ns]
            window.lost[stamp_ns] = self._reasons.get(stamp_ns, '')
        window.invented = [stamp for stamp in self._early if stamp < self.newest_published]
        for stamp_ns in window.invented:
            del self._early[stamp_ns]
        self._reasons = {
            stamp: why for stamp, why in self._reasons.items() if stamp > self.newest_out
        }
        return window
