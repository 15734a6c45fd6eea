# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Which calibration a detection node works with."""

from __future__ import annotations

from pathlib import Path

from restage.detect.calibration import Calibration, load_calibration
from restage.nodes.detection_options import DetectionOptions
from restage.stages.loading import calibration_of


def find_calibration(options: DetectionOptions, digest: str) -> Calibration | None:
    """
    Return the calibration that the parameter names; None without one.

    :raises CalibrationError: when its file cannot be used, or is of other weights.
    """
    if options.calibration == 'off':
        return None
    if options.calibration != 'auto':
        return load_calibration(Path(options.calibration), digest)
    beside = calibration_of(options.model)
    return load_calibration(beside, digest) if beside.exists() else None
