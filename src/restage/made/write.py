# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Write a network of the project's own as a user would one of theirs: a program and its YAML."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
import yaml

from restage.made.network import CLASSES, STRIDES, PyramidDetector, Shape
from restage.models.input import InputOptions, Preprocess
from restage.scene import RoadScene
from restage.torch_backend.program import export

# A network that was never trained has no opinion; so many objects it shall see on the road.
OBJECTS = 10
# The coarsest grid has to fit into the picture.
MULTIPLE = STRIDES[-1]


def write(
    shape: Shape, side: int, path: Path, *, cuts: Sequence[str] | None = None, seed: int = 1
) -> Path:
    """
    Write the network for pictures of ``side`` x ``side`` to ``path`` (.pt2); return its YAML.

    ``cuts``: where to cut it into stages; None: for six about equal ones.

    :raises ValueError: when ``side`` is not accepted.
    :raises OSError: when it cannot be written.
    """
    check_side(side)
    network = PyramidDetector(shape, seed).eval()
    size = (side, side)
    picture, _ = Preprocess(InputOptions(size=size))(
        torch.from_numpy(np.ascontiguousarray(RoadScene(seed).frame(0).image))
    )
    torch.export.save(export(network, picture), path)
    data = {
        'schema': 1,
        'name': path.stem,
        'file': path.name,
        'input': {'size': list(size)},
        'stages': {'count': 6} if cuts is None else {'cuts': list(cuts)},
        'decoder': {
            'kind': 'yolox',
            'score': _threshold(network, picture),
            'options': {'strides': list(STRIDES)},
        },
        'classes': [f'class {number}' for number in range(CLASSES)],
    }
    described = path.with_suffix('.yaml')
    described.write_text(yaml.safe_dump(data, sort_keys=False), encoding='utf-8')
    return described


def check_side(side: int) -> None:
    """
    Check that the network can have an input of ``side`` x ``side``.

    :raises ValueError: when that is no positive multiple of ``MULTIPLE``.
    """
    if side < MULTIPLE or side % MULTIPLE:
        raise ValueError(f'input {side}; accepted: a multiple of {MULTIPLE}')


def _threshold(network: PyramidDetector, picture: torch.Tensor) -> float:
    """Return the score between the objects that are to be seen and the others."""
    with torch.inference_mode():
        (rows,) = network(picture)
    scores = (rows[:, 4] * rows[:, 5:].amax(dim=1)).sort(descending=True).values
    return float((scores[OBJECTS - 1] + scores[OBJECTS]) / 2)
