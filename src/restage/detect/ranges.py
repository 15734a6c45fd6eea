# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Values that no clean frame has had.

Source: Geissler et al., "A Low-cost Strategic Monitoring Approach for Scalable and Interpretable
Error Detection in Deep Neural Networks" (2023) monitor quantiles of feature maps, of which the
lowest and highest are these; Chen et al., "A Low-cost Fault Corrector for Deep Neural Networks
through Range Restriction" (Ranger, 2021) clip them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import torch

from restage.detect.calibration import Calibration
from restage.detect.detector import ErrorDetector, Finding
from restage.detect.finite import FiniteDetector, not_finite
from restage.stages.model import Stage


class RangeDetector(ErrorDetector):
    """
    Compare each output of a stage with what it was on clean frames.

    A range is widened by ``margin`` times its width, at both ends. One for each channel costs four
    times as much and sees no more critical faults. What is not finite is in no range, and reported
    as by ``FiniteDetector``. ``clip``: bring what is finite and outside to the nearer end, in
    place, and do not report it.
    """

    name = 'range'

    def __init__(
        self,
        calibration: Calibration,
        stages: Collection[str],
        *,
        margin: float = 0.5,
        clip: bool = False,
    ) -> None:
        """Check behind the stages called so."""
        self._stages = stages
        self._clip = clip
        self.clipped = 0
        self._ranges = {
            name: (low - (high - low) * margin, high + (high - low) * margin)
            for name, (low, high) in calibration.ranges.items()
        }

    @property
    def tensors(self) -> frozenset[str]:
        """The tensors it knows the ranges of."""
        return frozenset(self._ranges)

    def check(
        self,
        stage: Stage,
        inputs: Mapping[str, torch.Tensor],  # noqa: ARG002
        outputs: Mapping[str, torch.Tensor],
    ) -> Finding | None:
        """Return which output is out of its range; None if all are within."""
        if stage.name not in self._stages:
            return None
        for name, tensor in outputs.items():
            ends = self._ranges.get(name)
            if ends is None or not tensor.numel():
                continue
            # Two passes: aminmax takes four times as long as both. Of NaN nothing holds.
            highest, lowest = float(tensor.amax()), float(tensor.amin())
            if ends[0] <= lowest and highest <= ends[1]:
                continue
            if not bool(tensor.isfinite().all()):
                return Finding(not_finite(stage.name, name, tensor), detector=FiniteDetector.name)
            if not self._clip:
                outside = int(((tensor < ends[0]) | (tensor > ends[1])).sum())
                return Finding(
                    f"output '{name}' of stage '{stage.name}': {lowest:.9g} to {highest:.9g}, "
                    f'accepted {ends[0]:.4g} to {ends[1]:.4g}; {outside} of {tensor.numel()} '
                    'values are out of range',
                    certain=False,
                )
            with torch.inference_mode():
                tensor.clamp_(*ends)
            self.clipped += 1
        return None
