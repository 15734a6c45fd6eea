# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The bundled network, exported."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from restage.detector.boxes import decode_boxes, flatten, locations
from restage.models.decoders.shapes import expect


class RoadNetLevels:
    """Outputs of one level each, 1 x (classes + 4) x H x W: class logits, raw box numbers."""

    def __init__(self, size: tuple[int, int]) -> None:  # noqa: ARG002 - as every decoder
        """``size``: of the input."""
        self._sizes: list[tuple[int, int]] = []
        self._centres, self._strides = torch.zeros(0, 2), torch.zeros(0)

    def __call__(self, outputs: Sequence[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
        """Return boxes (M x 4) and scores (M x classes)."""
        levels = tuple(expect(level, (1, None, None, None), 'an output') for level in outputs)
        sizes = [(level.shape[2], level.shape[3]) for level in levels]
        if sizes != self._sizes:
            self._centres, self._strides = locations(sizes)
            self._sizes = sizes
        logits, raw = flatten(levels)
        return decode_boxes(raw[0], self._centres, self._strides), logits[0].sigmoid()
