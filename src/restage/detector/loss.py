# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Training loss: quality focal loss for scores, generalised IoU for boxes."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from restage.detector.boxes import decode_boxes, paired_overlap

BOX_WEIGHT = 2.0


def quality_focal(logits: Tensor, quality: Tensor, beta: float = 2.0) -> Tensor:
    """Return the focal loss towards soft targets (Li et al. 2020), element-wise."""
    distance = (quality - logits.sigmoid()).abs().pow(beta)
    return distance * functional.binary_cross_entropy_with_logits(logits, quality, reduction='none')


def detection_loss(
    logits: Tensor, raw: Tensor, labels: Tensor, boxes: Tensor, centres: Tensor, strides: Tensor
) -> tuple[Tensor, Tensor]:
    """
    Return the score loss and the box loss of a batch, both per positive location.

    :param logits: N x L x C; ``raw``: N x L x 4; ``labels``: N x L; ``boxes``: N x L x 4.
    """
    positive = labels >= 0
    count = positive.sum().clamp(min=1)
    predicted = decode_boxes(raw, centres, strides)[positive]
    iou, general = paired_overlap(predicted, boxes[positive])
    quality = torch.zeros_like(logits)
    quality[positive] = functional.one_hot(labels[positive], logits.shape[-1]).to(
        logits.dtype
    ) * iou.detach()[:, None].clamp(min=0.05)
    score = quality_focal(logits, quality)[labels != -2].sum() / count
    return score, BOX_WEIGHT * (1.0 - general).sum() / count
