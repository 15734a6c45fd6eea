# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Boxes relative to priors.

Source: Liu et al., "SSD: Single Shot MultiBox Detector" (2016).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from restage.models.decoders.shapes import corners, expect


class Ssd:
    """
    Two outputs: locations (1 x N x 4, relative to priors) and class logits (1 x N x classes).

    Without ``priors`` the locations are corners, 0 to 1, and the second output is scores.
    """

    def __init__(
        self,
        size: tuple[int, int],
        priors: Sequence[Sequence[float]] = (),
        variances: Sequence[float] = (0.1, 0.2),
        background: int | None = 0,
    ) -> None:
        """
        Use ``priors`` (N x 4: x, y, width, height, 0 to 1).

        ``background``: the class that is none, which is left out; None: there is no such class.
        """
        self._size = torch.tensor([*size, *size], dtype=torch.float32)
        self._priors = torch.tensor(priors, dtype=torch.float32).reshape(-1, 4)
        self._variances = tuple(variances)
        self._background = background

    def __call__(self, outputs: Sequence[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
        """Return boxes (N x 4) and scores (N x classes)."""
        count = len(self._priors) or None
        places = expect(outputs[0], (1, count, 4), 'the locations')[0]
        scores = expect(outputs[1], (1, len(places), None), 'the classes')[0]
        boxes = places
        if count:
            near, far = self._variances
            centre = self._priors[:, :2] + places[:, :2] * near * self._priors[:, 2:]
            boxes = corners(
                torch.cat([centre, self._priors[:, 2:] * (places[:, 2:] * far).exp()], 1)
            )
            scores = scores.softmax(dim=1)
        if self._background is not None:
            kept = [n for n in range(scores.shape[1]) if n != self._background]
            scores = scores[:, kept]
        return boxes * self._size, scores
