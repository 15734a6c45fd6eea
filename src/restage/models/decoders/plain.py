# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Networks that put out boxes ready made, as those of torchvision."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from restage.models.decoders.shapes import expect


class Boxes:
    """Three outputs: boxes (N x 4, corners), scores (N), classes (N, whole numbers)."""

    def __init__(
        self, size: tuple[int, int], normalised: bool = False, first_class: int = 0
    ) -> None:
        """``normalised``: boxes are 0 to 1; ``first_class``: what the first class is called."""
        width, height = size if normalised else (1, 1)
        self._size = torch.tensor([width, height, width, height], dtype=torch.float32)
        self._first = first_class

    def __call__(self, outputs: Sequence[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
        """Return boxes (N x 4) and scores (N x classes)."""
        boxes = expect(outputs[0].reshape(-1, 4), (None, 4), 'the boxes').to(torch.float32)
        scores = expect(outputs[1].reshape(-1), (len(boxes),), 'the scores')
        classes = expect(outputs[2].reshape(-1), (len(boxes),), 'the classes').to(torch.int64)
        classes = classes - self._first
        width = int(classes.max()) + 1 if len(classes) else 1
        table = torch.zeros(len(boxes), max(width, 1))
        known = (classes >= 0).nonzero()[:, 0]
        table[known, classes[known]] = scores[known].to(torch.float32)
        return boxes * self._size, table
