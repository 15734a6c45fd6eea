# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Boxes of a level's outputs, overlap of boxes, and the overlap loss."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from restage.detector.network import CLASS_COUNT, STRIDES

MAX_LOG_SIZE = math.log(100.0)


def locations(sizes: list[tuple[int, int]]) -> tuple[Tensor, Tensor]:
    """
    Return the centres (L x 2, pixels) and strides (L) of all locations.

    ``sizes`` is (rows, columns) of each level, in the order of ``STRIDES``.
    """
    centres, strides = [], []
    for (rows, cols), stride in zip(sizes, STRIDES, strict=True):
        ys = (torch.arange(rows, dtype=torch.float32) + 0.5) * stride
        xs = (torch.arange(cols, dtype=torch.float32) + 0.5) * stride
        grid_y, grid_x = torch.meshgrid(ys, xs, indexing='ij')
        centres.append(torch.stack([grid_x.reshape(-1), grid_y.reshape(-1)], dim=1))
        strides.append(torch.full((rows * cols,), float(stride)))
    return torch.cat(centres), torch.cat(strides)


def flatten(levels: tuple[Tensor, ...]) -> tuple[Tensor, Tensor]:
    """Return class logits (N x L x 5) and raw boxes (N x L x 4) of the levels' outputs."""
    flat = torch.cat([level.permute(0, 2, 3, 1).flatten(1, 2) for level in levels], dim=1)
    return flat[..., :CLASS_COUNT], flat[..., CLASS_COUNT:]


def decode_boxes(raw: Tensor, centres: Tensor, strides: Tensor) -> Tensor:
    """Turn raw (.. x L x 4: offset x, y, log width, log height, in strides) into corners."""
    middle = centres + raw[..., :2] * strides[:, None]
    half = torch.exp(raw[..., 2:].clamp(-4.0, MAX_LOG_SIZE)) * (strides[:, None] * 0.5)
    return torch.cat([middle - half, middle + half], dim=-1)


def area(boxes: Tensor) -> Tensor:
    """Return the area of .. x 4 corner boxes; empty boxes have none."""
    size = (boxes[..., 2:] - boxes[..., :2]).clamp(min=0.0)
    return size[..., 0] * size[..., 1]


def paired_overlap(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """
    Return IoU and generalised IoU (Rezatofighi et al. 2019) of matching rows.

    :param a: .. x 4 corner boxes, pixels.
    :param b: the same shape.
    """
    low, high = torch.maximum(a[..., :2], b[..., :2]), torch.minimum(a[..., 2:], b[..., 2:])
    inter = area(torch.cat([low, high], dim=-1))
    union = area(a) + area(b) - inter
    iou = inter / union.clamp(min=1e-6)
    outer_low = torch.minimum(a[..., :2], b[..., :2])
    outer_high = torch.maximum(a[..., 2:], b[..., 2:])
    outer = area(torch.cat([outer_low, outer_high], dim=-1)).clamp(min=1e-6)
    return iou, iou - (outer - union) / outer


def overlap_matrix(a: Tensor, b: Tensor) -> Tensor:
    """Return the IoU of every box of ``a`` (N x 4) with every box of ``b`` (M x 4)."""
    low = torch.maximum(a[:, None, :2], b[None, :, :2])
    high = torch.minimum(a[:, None, 2:], b[None, :, 2:])
    inter = area(torch.cat([low, high], dim=-1))
    return inter / (area(a)[:, None] + area(b)[None] - inter).clamp(min=1e-6)
