# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""From a camera picture of any size to the network's input, and back for boxes."""

from __future__ import annotations

import cv2
import numpy as np
import torch
from torch import Tensor

from restage.detector.network import INPUT_SIZE

PAD = 114  # grey


def preprocess(image: Tensor) -> tuple[Tensor, Tensor]:
    """
    Scale a picture to fit the input, pad it on the right and below.

    :param image: uint8 H x W x 3, BGR.
    :returns: ``x`` (float32 1 x 3 x 384 x 640, 0 to 1, channels last) and ``geometry``
        (float32: scale from source to input, source width, source height).
    :raises ValueError: when the picture has another type or shape.
    """
    if image.dtype != torch.uint8 or image.ndim != 3 or image.shape[2] != 3 or not image.numel():
        raise ValueError(
            f'expected a uint8 H x W x 3 picture, got {image.dtype} {tuple(image.shape)}'
        )
    rows, cols = image.shape[:2]
    width, height = INPUT_SIZE
    scale = min(width / cols, height / rows)
    size = (max(round(cols * scale), 1), max(round(rows * scale), 1))
    if (cols, rows) != INPUT_SIZE:
        image = _fitted(image, size)
    x = image.permute(2, 0, 1)[None].to(torch.float32, memory_format=torch.channels_last)
    return x.mul_(1.0 / 255.0), torch.tensor([scale, float(cols), float(rows)])


def _fitted(image: Tensor, size: tuple[int, int]) -> Tensor:
    """Return the picture scaled to ``size`` (width, height) on a grey input-sized canvas."""
    width, height = INPUT_SIZE
    canvas = np.full((height, width, 3), PAD, np.uint8)
    way = cv2.INTER_AREA if 2 * size[0] < image.shape[1] else cv2.INTER_LINEAR
    canvas[: size[1], : size[0]] = cv2.resize(image.numpy(), size, interpolation=way)
    return torch.from_numpy(canvas)


def to_source(boxes: Tensor, geometry: Tensor) -> Tensor:
    """Map N x 4 corner boxes from input pixels to source pixels, clipped to the source."""
    scale, cols, rows = geometry.unbind()
    limit = torch.stack([cols, rows, cols, rows])
    return torch.minimum((boxes / scale).clamp(min=0.0), limit)
