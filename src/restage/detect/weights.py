# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Damaged weights, seen by their checksums before the frame is published."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from restage.detect.detector import ErrorDetector, Finding
from restage.stages.model import Stage, StagedModel
from restage.weights.guard import WeightGuard
from restage.weights.keeper import WEIGHTS


class WeightDetector(ErrorDetector):
    """
    Report weights that are not those that were loaded, behind the last stage of a frame.

    Once a frame and not once a stage: reading them in one go takes half the time. Nothing that
    was computed with damaged weights is published; the frame goes on from a checkpoint in front of
    the stage they belong to.
    """

    name = WEIGHTS

    def __init__(self, model: StagedModel, guard: WeightGuard) -> None:
        """Ask ``guard``, which watches the weights of ``model``."""
        self._last = model.stages[-1].name
        self._guard = guard

    def check(
        self,
        stage: Stage,
        inputs: Mapping[str, torch.Tensor],  # noqa: ARG002
        outputs: Mapping[str, torch.Tensor],  # noqa: ARG002
    ) -> Finding | None:
        """Return which weights are damaged, or None."""
        if stage.name != self._last:
            return None
        fault = self._guard.check_next()
        return None if fault is None else Finding(str(fault))
