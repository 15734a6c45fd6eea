# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The decoders by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch

from restage.models.decoders import centre, detr, fastestdet, grid, plain, roadnet, ssd

# Boxes (M x 4, corners in pixels of the input) and scores (M x classes, 0 to 1).
Decoded = tuple[torch.Tensor, torch.Tensor]
Decoder = Callable[[Sequence[torch.Tensor]], Decoded]
Size = tuple[int, int]


@dataclass(frozen=True)
class Family:
    """
    A family of networks.

    ``make`` gets the size of the input (width, height) and what the YAML says under ``options``.
    ``outputs``: how many the network has; 0: any number.
    """

    make: Callable[..., Decoder]
    outputs: int
    options: tuple[str, ...] = ()
    overlap: float = 0.5


DECODERS: Mapping[str, Family] = {
    'roadnet': Family(roadnet.RoadNetLevels, 3, overlap=0.55),
    'fastestdet': Family(fastestdet.FastestDet, 1, overlap=0.45),
    'yolov5': Family(grid.YoloV5, 1),
    'yolov8': Family(grid.YoloV8, 1),
    'yolox': Family(grid.YoloX, 1, ('strides',)),
    'centre': Family(centre.Centre, 3, ('window',)),
    'ssd': Family(ssd.Ssd, 2, ('priors', 'variances', 'background')),
    'detr': Family(detr.Detr, 2, overlap=1.0),
    'boxes': Family(plain.Boxes, 3, ('normalised', 'first_class'), overlap=1.0),
}


def make_decoder(kind: str, size: Size, options: Mapping[str, object]) -> Decoder:
    """
    Return the decoder called ``kind``.

    :raises ValueError: for an unknown one, or an option that it does not have.
    """
    family = DECODERS.get(kind)
    if family is None:
        raise ValueError(f"kind: '{kind}'; accepted: {', '.join(DECODERS)}")
    for name in options:
        if name not in family.options:
            accepted = ', '.join(family.options) or 'none'
            raise ValueError(f"options: '{name}' of '{kind}'; accepted: {accepted}")
    return family.make(size, **options)
