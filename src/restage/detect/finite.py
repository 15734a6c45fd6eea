# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""NaN and infinity in a stage's output."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping

import torch

from restage.detect.detector import ErrorDetector, Finding
from restage.stages.model import Stage


class FiniteDetector(ErrorDetector):
    """
    Report a floating-point output that holds a NaN or an infinity.

    One sum decides, a sixth of the time of ``isfinite().all()``: any NaN or infinity makes it
    non-finite (inf - inf is NaN). A sum of finite values that overflows is reported too: no
    activation near 1e38 is sound.
    """

    name = 'finite'

    def __init__(self, stages: Collection[str] | None = None) -> None:
        """Check behind the stages called so; None: behind every stage."""
        self._stages = stages

    def check(
        self,
        stage: Stage,
        inputs: Mapping[str, torch.Tensor],  # noqa: ARG002
        outputs: Mapping[str, torch.Tensor],
    ) -> Finding | None:
        """Return which tensor is not finite, and how many of its elements; None if all are."""
        if self._stages is not None and stage.name not in self._stages:
            return None
        for name, tensor in outputs.items():
            if tensor.is_floating_point() and not math.isfinite(_sum(tensor)):
                return Finding(not_finite(stage.name, name, tensor))
        return None


def not_finite(stage: str, name: str, tensor: torch.Tensor) -> str:
    """Return, in words, how much of an output is not finite."""
    nans, infinities = int(tensor.isnan().sum()), int(tensor.isinf().sum())
    return (
        f"output '{name}' of stage '{stage}' is not finite: {nans} NaN and "
        f'{infinities} infinite of {tensor.numel()} elements'
    )


def _sum(tensor: torch.Tensor) -> float:
    """Sum in single precision at least: half a hundred thousand ones overflow float16."""
    wide = torch.float32 if tensor.dtype.itemsize < 4 else None
    return float(tensor.sum(dtype=wide))
