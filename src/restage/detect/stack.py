# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Which error detectors look behind which stages."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from restage.cameras import Cameras
from restage.detect.calibration import Calibration
from restage.detect.detector import ErrorDetector
from restage.detect.finite import FiniteDetector
from restage.detect.plausibility import PlausibilityDetector
from restage.detect.ranges import RangeDetector
from restage.detect.weights import WeightDetector
from restage.stages.model import StagedModel
from restage.weights.guard import WeightGuard


@dataclass(frozen=True, kw_only=True)
class StackOptions:
    """
    How the detectors work.

    ``margin``: by which share of its width a calibrated range is widened at both ends. ``clip``:
    bring values that are out of their range back, instead of reporting them. ``plausibility``:
    look at the detections themselves. ``cameras``: whose frames come, each compared with its own.
    """

    margin: float = 0.5
    clip: bool = False
    plausibility: bool = True
    cameras: Cameras = Cameras()  # noqa: RUF009 - frozen


def make_stack(
    model: StagedModel,
    checked: Collection[str],
    guard: WeightGuard,
    calibration: Calibration | None,
    options: StackOptions = StackOptions(),
) -> list[ErrorDetector]:
    """
    Return the detectors for ``model``, cheapest to act on first.

    :param checked: the stages behind which values are looked at.
    :param calibration: None: without the range monitor and what is expected of objects.
    """
    found: list[ErrorDetector] = []
    # Where else numbers are looked at, what is not finite is found with the rest.
    covered: set[str] = {model.stages[-1].name} if options.plausibility else set()
    if calibration is not None:
        ranges = RangeDetector(calibration, checked, margin=options.margin, clip=options.clip)
        covered |= {stage.name for stage in model.stages if set(stage.outputs) <= ranges.tensors}
        found.append(ranges)
    found.append(FiniteDetector(frozenset(checked) - covered))
    found.append(WeightDetector(model, guard))
    if options.plausibility:
        limits = {} if calibration is None else calibration.plausibility
        found.append(PlausibilityDetector(model, limits, options.cameras))
    return found
