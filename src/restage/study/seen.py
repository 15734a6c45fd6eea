# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Whether Restage's own error detectors see what is wrong with the outputs of a trial."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from restage.detect.calibration import load_calibration
from restage.detect.detector import ErrorDetector
from restage.detect.plausibility import PlausibilityDetector
from restage.detect.ranges import RangeDetector
from restage.detector.network import INPUT_SIZE
from restage.stages.loading import BUNDLED, calibration_of, load_model
from restage.study.difference import Floats
from restage.study.frameworks.framework import OUTPUT_NAMES


class OutputWatch:
    """
    The detectors behind the last two stages of the bundled detector, with its calibration.

    They see the outputs only, without the frame before: what looks at earlier stages, at weights,
    at progress and at the process is not asked.
    """

    def __init__(self) -> None:
        """Load the model and its calibration."""
        self._model = load_model(BUNDLED)
        calibration = load_calibration(calibration_of(BUNDLED), self._model.digest())
        self._stages = self._model.stages[-2:]
        names = [stage.name for stage in self._stages]
        self._detectors: list[ErrorDetector] = [
            RangeDetector(calibration, names),
            PlausibilityDetector(self._model, calibration.plausibility),
        ]

    def look(self, outputs: Sequence[Floats]) -> str:
        """Return the name of the detector that sees something, or nothing."""
        width, height = INPUT_SIZE
        state = {'geometry': torch.tensor([1.0, float(width), float(height)])}
        state |= {
            name: torch.from_numpy(np.array(one))
            for name, one in zip(OUTPUT_NAMES, outputs, strict=True)
        }
        head, decode = self._stages
        levels = {name: state[name] for name in head.outputs}
        for stage, made in ((head, levels), (decode, None)):
            values = decode.run(state) if made is None else made
            for detector in self._detectors:
                finding = detector.check(stage, state, values)
                if finding is not None:
                    return finding.detector or detector.name
        return ''
