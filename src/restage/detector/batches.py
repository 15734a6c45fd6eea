# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Shuffled, augmented training batches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from restage.detector.assignment import assign
from restage.detector.samples import Samples


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Pictures (float32 N x 3 x H x W, 0 to 1, channels last) with targets per location."""

    x: Tensor
    labels: Tensor
    boxes: Tensor


def augment(image: Tensor, truth: Tensor, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """
    Mirror half the pictures and vary brightness, contrast and colour cast.

    :param image: float32 H x W x 3, 0 to 1; ``truth``: M x 6 rows of ``Samples.truth``.
    """
    if rng.random() < 0.5:
        image = image.flip(1)
        truth = truth.clone()
        truth[:, [0, 2]] = image.shape[1] - truth[:, [2, 0]]
    gain = torch.from_numpy(rng.uniform(0.94, 1.06, 3) * rng.uniform(0.75, 1.25)).float()
    image = image * gain + float(rng.uniform(-0.06, 0.06))
    return image.clamp(0.0, 1.0), truth


def epoch_batches(
    samples: Samples, size: int, rng: np.random.Generator, centres: Tensor, strides: Tensor
) -> Iterator[Batch]:
    """Yield one epoch of full batches in random order."""
    order = rng.permutation(len(samples.images))
    for start in range(0, len(order) - size + 1, size):
        images, labels, boxes = [], [], []
        for index in order[start : start + size].tolist():
            image = torch.from_numpy(np.array(samples.images[index])).float() / 255.0
            truth = torch.from_numpy(samples.truth[index])
            image, truth = augment(image, truth[truth[:, 4] >= 0], rng)
            target = assign(truth[:, :4], truth[:, 4].long(), truth[:, 5] > 0.5, centres, strides)
            images.append(image)
            labels.append(target.labels)
            boxes.append(target.boxes)
        x = torch.stack(images).permute(0, 3, 1, 2)
        yield Batch(x=x, labels=torch.stack(labels), boxes=torch.stack(boxes))
