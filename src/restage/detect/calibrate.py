# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Measure what the values and detections of a model are on clean frames."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import torch

from restage.detect.calibration import Calibration, CalibrationError
from restage.detect.channels import extremes
from restage.detect.support import weakly_supported
from restage.detect.tracks import Tracks
from restage.detect.unusual import limits_of
from restage.stages.model import StagedModel, State
from restage.stages.runner import StageRunner

if TYPE_CHECKING:
    from restage.coverage.frames import CampaignFrame

# Of what is left between the highest clean degree of an event and 1.
ROOM = 0.25


def calibrate(model: StagedModel, frames: Iterable[CampaignFrame], source: str) -> Calibration:
    """
    Run ``model`` on clean frames and return the ranges of every floating-point output.

    :raises CalibrationError: when there is no frame, or a value is not finite.
    """
    runner = StageRunner(model)
    low: dict[str, torch.Tensor] = {}
    high: dict[str, torch.Tensor] = {}
    degrees: dict[str, float] = {}
    tracks, sequence, count = Tracks(), '', 0
    for frame in frames:
        if frame.sequence != sequence:
            tracks, sequence = Tracks(), frame.sequence
        state = runner.run_all(frame.image)
        _widen(low, high, state)
        rows = np.asarray(state['detections'].numpy(), np.float64)
        unusual = tracks.unusual(rows, frame.stamp_ns)
        if 'support' in state:
            unusual |= weakly_supported(rows, state['support'].numpy())
        for what, one in unusual.items():
            degrees[what] = max(one.degree, degrees.get(what, 0.0))
        tracks.learn(rows, frame.stamp_ns)
        count += 1
    if not count:
        raise CalibrationError(f'no frame in {source}; accepted: at least one')
    limits = limits_of(degrees, ROOM)
    return Calibration(
        digest=model.digest(),
        frames=count,
        source=source,
        low=low,
        high=high,
        plausibility=json.loads(json.dumps(limits)),
    )


def _widen(low: dict[str, torch.Tensor], high: dict[str, torch.Tensor], state: State) -> None:
    for name, tensor in state.items():
        # Detections have no channels: their columns are looked at by other means.
        if name == 'detections' or not tensor.is_floating_point() or not tensor.numel():
            continue
        lowest, highest = extremes(tensor)
        if not bool((lowest.isfinite() & highest.isfinite()).all()):
            raise CalibrationError(f"output '{name}' is not finite on a clean frame")
        lowest, highest = lowest.float(), highest.float()
        low[name] = torch.minimum(low.get(name, lowest), lowest)
        high[name] = torch.maximum(high.get(name, highest), highest)
