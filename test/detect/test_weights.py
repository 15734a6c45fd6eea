# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from restage.detect.detector import Finding
from restage.detect.weights import WeightDetector
from restage.stages.model import StagedModel
from restage.weights.guard import WeightFault
from restage.weights.keeper import WEIGHTS


class Guard:
    """Finds what it is told to, and counts how often it was asked."""

    def __init__(self, fault: WeightFault | None = None) -> None:
        self.asked = 0
        self._fault = fault

    def check_next(self) -> WeightFault | None:
        self.asked += 1
        return self._fault


def test_weights_are_looked_at_behind_the_last_stage_only(tiny_model: StagedModel) -> None:
    guard = Guard(WeightFault(1, ('w',)))
    detector = WeightDetector(tiny_model, guard)
    said = [detector.check(stage, {}, {}) for stage in tiny_model.stages]
    assert said == [None, None, None, Finding('checksum differs: w')]
    assert guard.asked == 1


def test_clean_weights_are_no_error(tiny_model: StagedModel) -> None:
    guard = Guard()
    detector = WeightDetector(tiny_model, guard)
    assert [detector.check(stage, {}, {}) for stage in tiny_model.stages] == [None] * 4
    assert guard.asked == 1


def test_the_detector_is_known_by_the_name_that_policies_go_by(tiny_model: StagedModel) -> None:
    assert WeightDetector(tiny_model, Guard()).name == WEIGHTS
