# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The accounts of a run: what the camera published, what came out, what is bit-identical."""

from __future__ import annotations

import bisect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from vision_msgs.msg import Detection2DArray

from restage.camera.frame_log import FrameRecord
from restage.cameras import Cameras
from restage.demo.golden import Golden, as_array

# Frames that are shown before and after one that was hit.
AROUND = 2


@dataclass(frozen=True)
class Output:
    """The detections of one frame as received; ``received_ns`` on CLOCK_MONOTONIC."""

    stamp_ns: int
    received_ns: int
    detections: NDArray[np.float64]


@dataclass
class FrameAccounts:
    """
    Published frames and received outputs, matched by stamp.

    Of several ``cameras`` a frame has, instead of its stamp, its key among them.
    """

    published: dict[int, FrameRecord]
    outputs: dict[int, Output]
    duplicates: int
    out_of_order: int
    cameras: Cameras = field(default_factory=Cameras)

    @classmethod
    def of(
        cls,
        records: Sequence[FrameRecord],
        received: Sequence[tuple[int, int, Detection2DArray]],
        cameras: Cameras | None = None,
    ) -> FrameAccounts:
        """Match the camera's log with what a subscriber received."""
        cameras = cameras or Cameras()
        outputs: dict[int, Output] = {}
        newest = [0] * len(cameras)
        duplicates = out_of_order = 0
        for stamp_ns, received_ns, message in received:
            if stamp_ns in outputs:
                duplicates += 1
                continue
            camera = cameras.of(stamp_ns)
            out_of_order += stamp_ns < newest[camera]
            newest[camera] = max(newest[camera], stamp_ns)
            outputs[stamp_ns] = Output(stamp_ns, received_ns, as_array(message))
        published = {record.stamp_ns: record for record in records}
        return cls(published, outputs, duplicates, out_of_order, cameras)

    @property
    def lost(self) -> list[int]:
        """Stamps of published frames without output."""
        return sorted(set(self.published) - set(self.outputs))

    def around(self, stamp_ns: int) -> list[int]:
        """Return the ``AROUND`` stamps of its camera before and after ``stamp_ns``, and itself."""
        if stamp_ns not in self.published:
            return []
        stamps = self._stamps[self.cameras.of(stamp_ns)]
        place = bisect.bisect_left(stamps, stamp_ns)
        return stamps[max(0, place - AROUND) : place + AROUND + 1]

    @cached_property
    def _stamps(self) -> list[list[int]]:
        """What each camera published, in order."""
        stamps: list[list[int]] = [[] for _ in self.cameras.names]
        for stamp_ns in sorted(self.published):
            stamps[self.cameras.of(stamp_ns)].append(stamp_ns)
        return stamps

    def latencies_ms(self) -> list[float]:
        """Camera to detections, per frame, in ms."""
        return [
            (output.received_ns - self.published[stamp].published_monotonic_ns) / 1e6
            for stamp, output in self.outputs.items()
            if stamp in self.published
        ]

    def compared(self, golden: Mapping[int, Golden]) -> dict[int, bool]:
        """Return, by stamp, which outputs have the bits of the fault-free run's, of those known."""
        same = {}
        for stamp, output in sorted(self.outputs.items()):
            record = self.published.get(stamp)
            found = golden.get(record.index) if record is not None else None
            if found is not None and found.detections is not None:
                same[stamp] = np.array_equal(output.detections, found.detections)
        return same

    def differing(self, golden: Mapping[int, Golden]) -> list[int]:
        """Return the stamps of outputs that are not bit-identical to the fault-free run's."""
        return [stamp for stamp, same in self.compared(golden).items() if not same]
