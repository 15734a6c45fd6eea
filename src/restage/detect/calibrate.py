# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Measure what the values and detections of a model are on clean frames."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from restage.detect.calibration import Calibration, CalibrationError, Range
from restage.detect.support import weakly_supported
from restage.detect.tracks import Tracks
from restage.detect.unusual import limits_of
from restage.stages.model import StagedModel, State
from restage.stages.runner import StageRunner

if TYPE_CHECKING:
    from restage.coverage.frames import CampaignFrame

# Of what is left between the highest clean degree of an event and 1.
ROOM = 0.5


def calibrate(model: StagedModel, frames: Iterable[CampaignFrame], source: str) -> Calibration:
    """
    Run ``model`` on clean frames and return the ranges of every floating-point output.

    :raises CalibrationError: when there is no frame, or a value is not finite.
    """
    runner = StageRunner(model)
    ranges: dict[str, Range] = {}
    degrees: dict[str, float] = {}
    tracks, sequence, count = Tracks(), '', 0
    for frame in frames:
        if frame.sequence != sequence:
            tracks, sequence = Tracks(), frame.sequence
        state = runner.run_all(frame.image)
        _widen(ranges, state)
        rows = state['detections'].tolist()
        unusual = tracks.unusual(rows, frame.stamp_ns)
        if 'support' in state:
            unusual |= weakly_supported(rows, state['support'].tolist())
        for what, one in unusual.items():
            degrees[what] = max(one.degree, degrees.get(what, 0.0))
        tracks.learn(rows, frame.stamp_ns)
        count += 1
    if not count:
        raise CalibrationError(f'no frame in {source}; accepted: at least one')
    return Calibration(
        digest=model.digest(),
        frames=count,
        source=source,
        ranges=ranges,
        plausibility=limits_of(degrees, ROOM),
    )


def _widen(ranges: dict[str, Range], state: State) -> None:
    for name, tensor in state.items():
        # Detections: their columns are looked at by other means.
        if name == 'detections' or not tensor.is_floating_point() or not tensor.numel():
            continue
        low, high = float(tensor.amin()), float(tensor.amax())
        if not (math.isfinite(low) and math.isfinite(high)):
            raise CalibrationError(f"output '{name}' is not finite on a clean frame")
        known = ranges.get(name, (low, high))
        ranges[name] = min(known[0], low), max(known[1], high)
