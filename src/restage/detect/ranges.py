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

import numpy as np
import torch
from numpy.typing import NDArray

from restage.detect.calibration import Calibration
from restage.detect.channels import extremes, folded
from restage.detect.detector import ErrorDetector, Finding
from restage.detect.finite import FiniteDetector, not_finite
from restage.stages.model import Stage


class RangeDetector(ErrorDetector):
    """
    Compare each channel of a stage's output with what it was on clean frames.

    The range of a channel is widened by ``margin`` times its width, at both ends. What is not
    finite is in no range, and reported as by ``FiniteDetector``. ``clip``: bring what is finite and
    outside to the nearer end, in place, and do not report it.
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
        self._bounds: dict[tuple[str, int], tuple[NDArray[np.float32], NDArray[np.float32]]] = {}
        self._low: dict[str, torch.Tensor] = {}
        self._high: dict[str, torch.Tensor] = {}
        for name, low in calibration.low.items():
            high = calibration.high[name]
            room = (high - low) * margin
            self._low[name], self._high[name] = low - room, high + room

    @property
    def tensors(self) -> frozenset[str]:
        """The tensors it knows the ranges of."""
        return frozenset(self._low)

    def check(
        self,
        stage: Stage,
        inputs: Mapping[str, torch.Tensor],  # noqa: ARG002
        outputs: Mapping[str, torch.Tensor],
    ) -> Finding | None:
        """Return which channel is out of its range; None if all are within."""
        if stage.name not in self._stages:
            return None
        for name, tensor in outputs.items():
            low = self._low.get(name)
            if low is None or not tensor.numel():
                continue
            high = self._high[name]
            if self._within(name, tensor):
                continue
            if not bool(tensor.isfinite().all()):
                return Finding(not_finite(stage.name, name, tensor), detector=FiniteDetector.name)
            if self._clip:
                self._bring_back(tensor, low, high)
                continue
            return Finding(_describe(stage.name, name, tensor, low, high), certain=False)
        return None

    def _within(self, name: str, tensor: torch.Tensor) -> bool:
        rows = folded(tensor)
        width = rows.shape[1]
        bounds = self._bounds.get((name, width))
        if bounds is None:
            times = width // len(self._low[name])
            pair = (self._low[name].repeat(times), self._high[name].repeat(times))
            bounds = self._bounds[name, width] = (pair[0].numpy(), pair[1].numpy())
        # As arrays: they are small, and torch takes longer to begin. Of NaN nothing holds.
        with torch.inference_mode():
            lowest, highest = rows.amin(dim=0), rows.amax(dim=0)
        if lowest.dtype is not torch.float32:
            lowest, highest = lowest.float(), highest.float()
        low, high = bounds
        return bool((lowest.numpy() >= low).all() and (highest.numpy() <= high).all())

    def _bring_back(self, tensor: torch.Tensor, low: torch.Tensor, high: torch.Tensor) -> None:
        self.clipped += 1
        with torch.inference_mode():
            # Not the rows: of some memory formats these are a copy.
            values = tensor.permute(0, 2, 3, 1) if tensor.ndim == 4 else tensor
            values.clamp_(low, high)


def _describe(
    stage: str, name: str, tensor: torch.Tensor, low: torch.Tensor, high: torch.Tensor
) -> str:
    lowest, highest = extremes(tensor)
    bad = (~((lowest >= low) & (highest <= high))).nonzero()[:, 0].tolist()
    first = bad[0]
    return (
        f"output '{name}' of stage '{stage}': channel {first} from {lowest[first].item():.9g} to "
        f'{highest[first].item():.9g}, clean {low[first].item():.4g} to {high[first].item():.4g}; '
        f'{len(bad)} of {len(low)} channels out of range'
    )
