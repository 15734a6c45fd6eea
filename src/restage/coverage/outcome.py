# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What became of a fault, by what comes out of the model when nobody looks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from restage.detector.evaluate import overlaps

# From here on a box is of the same object, and from here on in the same place.
SAME, IN_PLACE = 0.5, 0.95


class Outcome(str, Enum):
    """
    Outcomes of faults in the network.

    ``SDC``: silent data corruption, the detections differ. ``DUE_*``: a detected, uncorrectable
    error: the framework raises, or a number that is none reaches the output.
    """

    MASKED = 'masked'
    SDC = 'sdc'
    DUE_EXCEPTION = 'due_exception'
    DUE_NAN = 'due_nan'


@dataclass(frozen=True)
class Difference:
    """
    Detections that only the clean run has, and those that only the faulty one has.

    ``moved``: those of both whose boxes overlap less than in place (IoU 0.95).
    """

    lost: int
    ghosts: int
    moved: int = 0

    @property
    def critical(self) -> bool:
        """
        Whether objects were lost or made up: what IVMOD counts an image for.

        Source: Qutub et al., "Hardware faults that matter: Understanding and estimating the safety
        impact of hardware faults on object detection DNNs" (SAFECOMP 2022): image-wise
        vulnerability metric for object detection. The clean run is the reference.
        """
        return self.lost > 0 or self.ghosts > 0


def compare(clean: NDArray[np.float64], faulty: NDArray[np.float64]) -> Difference:
    """
    Match detections (N x 6) of a clean and a faulty run: same class, IoU of at least 0.5.

    Best score first; each is matched once. Rows that are not finite match nothing.
    """
    free = np.ones(len(clean), bool)
    matched = moved = 0
    for row in faulty:
        if not np.isfinite(row).all():
            continue
        fit = overlaps(row[:4], clean[:, :4]) if len(clean) else np.zeros(0)
        fit = np.where(free & (clean[:, 5] == row[5]), fit, 0.0)
        if len(fit) and fit.max() >= SAME:
            free[int(fit.argmax())] = False
            matched += 1
            moved += bool(fit.max() < IN_PLACE)
    return Difference(lost=len(clean) - matched, ghosts=len(faulty) - matched, moved=moved)


def outcome_of(clean: NDArray[np.float64], faulty: NDArray[np.float64] | None) -> Outcome:
    """Return the outcome of a run; None as ``faulty``: the framework raised."""
    if faulty is None:
        return Outcome.DUE_EXCEPTION
    if not np.isfinite(faulty).all():
        return Outcome.DUE_NAN
    return Outcome.MASKED if np.array_equal(clean, faulty) else Outcome.SDC
