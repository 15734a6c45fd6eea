# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""From the head's outputs to detections in source pixels."""

from __future__ import annotations

import torch
from torch import Tensor

from restage.detector.boxes import decode_boxes, flatten, locations
from restage.detector.nms import suppress
from restage.detector.preprocess import to_source

SCORE_THRESHOLD = 0.4
OVERLAP_THRESHOLD = 0.55
CANDIDATES = 256


class Decoder:
    """Turns level outputs into N x 6 detections; remembers the locations of one input size."""

    def __init__(self, score_threshold: float = SCORE_THRESHOLD) -> None:
        """Keep the threshold (0 to 1) below which detections are dropped."""
        if not 0.0 <= score_threshold <= 1.0:
            raise ValueError(f'score threshold must lie in 0 to 1, got {score_threshold}')
        self._threshold = score_threshold
        self._sizes: list[tuple[int, int]] = []
        self._centres, self._strides = torch.zeros(0, 2), torch.zeros(0)

    def __call__(self, levels: tuple[Tensor, ...], geometry: Tensor) -> tuple[Tensor, Tensor]:
        """
        Decode one picture.

        :param levels: 1 x 9 x H x W per stride (5 class logits, 4 raw box numbers).
        :param geometry: what ``preprocess`` returned.
        :returns: float32 N x 6: x1, y1, x2, y2, score, class id; score descending; and int64 N:
            how many locations of the network agree on each, see ``suppress``.
        """
        sizes = [(level.shape[2], level.shape[3]) for level in levels]
        if sizes != self._sizes:
            self._centres, self._strides = locations(sizes)
            self._sizes = sizes
        logits, raw = flatten(levels)
        highest, classes = logits[0].max(dim=1)
        scores = highest.sigmoid()
        keep = torch.nonzero(scores > self._threshold)[:, 0]
        best, order = torch.sort(scores[keep], descending=True, stable=True)
        best, keep = best[:CANDIDATES], keep[order[:CANDIDATES]]
        classes = classes[keep]
        boxes = decode_boxes(raw[0, keep], self._centres[keep], self._strides[keep])
        alive, support = suppress(boxes, classes, OVERLAP_THRESHOLD)
        found = to_source(boxes[alive], geometry)
        columns = [found, best[alive, None], classes[alive, None].to(torch.float32)]
        return torch.cat(columns, dim=1), support
