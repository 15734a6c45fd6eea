# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""One query, one object.

Source: Carion et al., "End-to-End Object Detection with Transformers" (DETR, 2020).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from restage.models.decoders.shapes import corners, expect


class Detr:
    """Two outputs: logits (1 x N x classes + 1, the last: none) and boxes (1 x N x 4, 0 to 1)."""

    def __init__(self, size: tuple[int, int]) -> None:
        """``size``: of the input."""
        self._size = torch.tensor([*size, *size], dtype=torch.float32)

    def __call__(self, outputs: Sequence[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
        """Return boxes (N x 4) and scores (N x classes)."""
        logits = expect(outputs[0], (1, None, None), 'the logits')[0]
        boxes = expect(outputs[1], (1, len(logits), 4), 'the boxes')[0]
        return corners(boxes) * self._size, logits.softmax(dim=1)[:, :-1]
