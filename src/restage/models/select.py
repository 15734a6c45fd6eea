# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""From scored boxes to detections: the best of each object, in pixels of the picture."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from restage.detector.nms import suppress
from restage.models.input import to_picture

# Of more boxes above the threshold the best are looked at.
CANDIDATES = 300


@dataclass(frozen=True, kw_only=True)
class Selection:
    """
    Which boxes are detections.

    ``score``: the least, 0 to 1. ``overlap``: IoU above which the worse of two of a class goes; 1:
    all stay, for networks that make one box for each object.
    """

    score: float = 0.4
    overlap: float = 0.5


def select(
    boxes: torch.Tensor, scores: torch.Tensor, geometry: torch.Tensor, selection: Selection
) -> tuple[torch.Tensor, torch.Tensor]:
    """
    Return detections (float32 N x 6, best first) and their support (int64 N).

    :param boxes: M x 4 corners in pixels of the input.
    :param scores: M x classes, 0 to 1.
    """
    highest, classes = scores.max(dim=1)
    keep = torch.nonzero(highest > selection.score)[:, 0]
    best, order = torch.sort(highest[keep], descending=True, stable=True)
    best, keep = best[:CANDIDATES], keep[order[:CANDIDATES]]
    boxes, classes = boxes[keep], classes[keep]
    if selection.overlap < 1.0:
        alive, support = suppress(boxes, classes, selection.overlap)
    else:
        alive, support = torch.arange(len(keep)), torch.ones(len(keep), dtype=torch.int64)
    found = to_picture(boxes[alive], geometry)
    columns = [found, best[alive, None], classes[alive, None].to(torch.float32)]
    return torch.cat(columns, dim=1).to(torch.float32), support
