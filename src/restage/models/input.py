# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""From a camera picture to the input of a network, and back for boxes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

COLOURS = ('bgr', 'rgb')
FITS = ('letterbox', 'corner', 'stretch')


@dataclass(frozen=True, kw_only=True)
class InputOptions:
    """
    What a network wants to see.

    ``size``: width, height. ``fit``: how a picture of another shape gets there: ``letterbox`` (in
    the middle of ``pad``), ``corner`` (the same at the upper left), ``stretch``. A value v of 0 to
    255 of channel c becomes (v * scale - mean[c]) / std[c], in the order of ``colour``.
    """

    size: tuple[int, int]
    colour: str = 'rgb'
    fit: str = 'letterbox'
    pad: int = 114
    scale: float = 1.0 / 255.0
    mean: Sequence[float] = (0.0, 0.0, 0.0)
    std: Sequence[float] = (1.0, 1.0, 1.0)


class Preprocess:
    """Makes the input of a network from pictures of any size."""

    def __init__(self, options: InputOptions) -> None:
        """Go by ``options``."""
        self._options = options
        mean, std = (np.asarray(one, np.float32) for one in (options.mean, options.std))
        self._factor = np.float32(options.scale) / std
        self._offset = -mean / std

    def __call__(self, image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """
        Return the input and where the picture is in it.

        :param image: uint8 H x W x 3, BGR.
        :returns: float32 1 x 3 x height x width; and float32 6: pixels of the input for one of the
            picture across and down, where its left upper corner is, and its width and height.
        :raises ValueError: when the picture has another type or shape.
        """
        if image.dtype != torch.uint8 or image.ndim != 3 or image.shape[2] != 3:
            raise ValueError(
                f'expected a uint8 H x W x 3 picture, got {image.dtype} {tuple(image.shape)}'
            )
        if not image.numel():
            raise ValueError(f'expected a picture, got one of {tuple(image.shape)}')
        fitted, geometry = self._fitted(np.ascontiguousarray(image.numpy()))
        if self._options.colour == 'rgb':
            fitted = np.asarray(cv2.cvtColor(fitted, cv2.COLOR_BGR2RGB), np.uint8)
        values = fitted.astype(np.float32) * self._factor + self._offset
        x = torch.from_numpy(np.ascontiguousarray(values.transpose(2, 0, 1))[None])
        return x, torch.tensor(geometry)

    def _fitted(self, image: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], list[float]]:
        rows, columns = image.shape[:2]
        width, height = self._options.size
        if self._options.fit == 'stretch':
            across, down = width / columns, height / rows
            size, left, top = (width, height), 0, 0
        else:
            across = down = min(width / columns, height / rows)
            size = max(round(columns * across), 1), max(round(rows * down), 1)
            left = top = 0
            if self._options.fit == 'letterbox':
                left, top = (width - size[0]) // 2, (height - size[1]) // 2
        geometry = [across, down, float(left), float(top), float(columns), float(rows)]
        if size != (columns, rows):
            way = cv2.INTER_AREA if 2 * size[0] < columns else cv2.INTER_LINEAR
            image = np.asarray(cv2.resize(image, size, interpolation=way), np.uint8)
        if size == (width, height):
            return image, geometry
        canvas = np.full((height, width, 3), self._options.pad, np.uint8)
        canvas[top : top + size[1], left : left + size[0]] = image
        return canvas, geometry


def to_picture(boxes: torch.Tensor, geometry: torch.Tensor) -> torch.Tensor:
    """Map corner boxes (N x 4) from pixels of the input to those of the picture, inside of it."""
    across, down, left, top, width, height = geometry.unbind()
    shift = torch.stack([left, top, left, top])
    factor = torch.stack([across, down, across, down])
    limit = torch.stack([width, height, width, height])
    return torch.minimum(((boxes - shift) / factor).clamp(min=0.0), limit)
