# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""How far an answer is from the golden one, in numbers and in objects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from restage.coverage import outcome
from restage.detector.decode import Decoder
from restage.detector.network import INPUT_SIZE

# Frameworks add in other orders; a wrong value of a logit or a box is larger than this.
ABSOLUTE, RELATIVE = 1e-3, 1e-3

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Difference:
    """
    An answer against the golden one.

    ``within``: every value is within the tolerance. ``largest``: the largest absolute difference of
    finite values. ``not_finite``: how many values are NaN or infinite. ``lost``, ``ghosts``,
    ``moved``: objects, as `restage coverage` counts them. None where the answer has another shape.
    """

    within: bool
    largest: float | None = 0.0
    not_finite: int | None = 0
    lost: int | None = 0
    ghosts: int | None = 0
    moved: int | None = 0


def detections(outputs: Sequence[Floats]) -> NDArray[np.float64]:
    """Return what the decoder makes of the three levels: N x 6."""
    levels = tuple(torch.from_numpy(np.array(one)) for one in outputs)
    width, height = INPUT_SIZE
    found, _ = Decoder()(levels, torch.tensor([1.0, float(width), float(height)]))
    return np.asarray(found.numpy(), np.float64)


def compare(golden: Sequence[Floats], made: Sequence[Floats]) -> Difference:
    """Return how ``made`` differs from ``golden``."""
    if [one.shape for one in made] != [one.shape for one in golden]:
        return Difference(False, None, None, None, None, None)
    flat = np.concatenate([one.reshape(-1) for one in made]).astype(np.float64)
    right = np.concatenate([one.reshape(-1) for one in golden]).astype(np.float64)
    finite = np.isfinite(flat)
    off = np.abs(np.where(finite, flat - right, 0.0))
    within = bool(finite.all() and (off <= ABSOLUTE + RELATIVE * np.abs(right)).all())
    facts: dict[str, Any] = {'largest': float(off.max()), 'not_finite': int((~finite).sum())}
    if within:
        return Difference(within=True, **facts)
    objects = outcome.compare(detections(golden), detections(made))
    return Difference(within=False, **facts, **asdict(objects))
