# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Average precision at IoU 0.5 (all-point interpolation, as PASCAL VOC since 2010)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Truth:
    """Ground truth of a frame: ``boxes`` M x 4 (pixels), ``classes`` M, ``ignore`` M flags."""

    boxes: Floats
    classes: npt.NDArray[np.int64]
    ignore: npt.NDArray[np.bool_]


def overlaps(box: Floats, others: Floats) -> Floats:
    """Return the IoU of one box (4) with M x 4 others."""
    low, high = np.maximum(box[:2], others[:, :2]), np.minimum(box[2:], others[:, 2:])
    inter = np.prod(np.clip(high - low, 0, None), axis=1)
    areas = np.prod(others[:, 2:] - others[:, :2], axis=1)
    union = np.prod(box[2:] - box[:2]) + areas - inter
    return np.asarray(inter / np.maximum(union, 1e-9))


def average_precision(scores: Floats, correct: npt.NDArray[np.bool_], positives: int) -> float:
    """
    Return the area under the precision envelope.

    :param scores: N detection scores in any order; ``correct``: N flags.
    :param positives: how many objects there were to find; 0 gives NaN.
    """
    if positives == 0:
        return float('nan')
    order = np.argsort(-scores, kind='stable')
    hits = np.cumsum(correct[order])
    recall = np.concatenate([[0.0], hits / positives])
    precision = hits / np.arange(1, len(hits) + 1)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    return float(np.sum(np.diff(recall) * envelope))


def match_frame(
    detections: Floats, truth: Truth, class_id: int, threshold: float = 0.5
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """
    Match one class in one frame; return scores and hit flags of the detections that count.

    :param detections: N x 6: x1, y1, x2, y2, score, class id. Best score chooses first; a
        detection that only fits an ignored object is left out.
    """
    own = detections[detections[:, 5] == class_id]
    own = own[np.argsort(-own[:, 4], kind='stable')]
    boxes = truth.boxes[truth.classes == class_id]
    ignore = truth.ignore[truth.classes == class_id]
    free = ~ignore
    scores, hits = [], []
    for row in own:
        fit = overlaps(row[:4], boxes) >= threshold
        open_fit = np.where(fit & free, overlaps(row[:4], boxes), -1.0)
        if len(boxes) and open_fit.max() >= 0.0:
            free[int(open_fit.argmax())] = False
            scores.append(row[4])
            hits.append(True)
        elif not np.any(fit & ignore):
            scores.append(row[4])
            hits.append(False)
    return np.array(scores, float), np.array(hits, bool)


def mean_average_precision(
    detections: Sequence[Floats], truths: Sequence[Truth], class_count: int, threshold: float = 0.5
) -> tuple[float, list[float]]:
    """
    Return the mean over classes that occur, and each class's average precision.

    :param detections: N x 6 per frame; ``truths``: one per frame.
    :raises ValueError: when the two have different lengths.
    """
    if len(detections) != len(truths):
        raise ValueError(f'{len(detections)} frames of detections, {len(truths)} of ground truth')
    each = []
    for class_id in range(class_count):
        parts = [
            match_frame(found, truth, class_id, threshold)
            for found, truth in zip(detections, truths, strict=True)
        ]
        scores = np.concatenate([part[0] for part in parts] or [np.zeros(0)])
        hits = np.concatenate([part[1] for part in parts] or [np.zeros(0, bool)])
        positives = sum(int(np.sum((t.classes == class_id) & ~t.ignore)) for t in truths)
        each.append(average_precision(scores, hits, positives))
    known = [value for value in each if not np.isnan(value)]
    return (float(np.mean(known)) if known else float('nan')), each
