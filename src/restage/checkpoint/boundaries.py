# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Which boundaries of a frame are valid: readable without torch, as the recovery node does."""

from __future__ import annotations

import numpy as np

from restage.checkpoint.nodefile import NodeFile, Plan

# A boundary lies behind the stage of its number; -1 is the image, -2 is none at all. The numbers of
# restage_msgs.
IMAGE = -1
NO_CHECKPOINT = -2

# Words of an arena's head: sequence number, stamp, then one word per boundary from -1.
SEQUENCE, STAMP, BOUNDARIES = 0, 1, 2


def find_frame(file: NodeFile, stamp_ns: int) -> tuple[int, int] | None:
    """Return arena and sequence number of the frame; None when the file does not hold it."""
    for arena, head in enumerate(file.heads):
        if int(head[STAMP]) == stamp_ns and int(head[SEQUENCE]) > 0:
            return arena, int(head[SEQUENCE])
    return None


def valid_boundaries(file: NodeFile, plan: Plan, stamp_ns: int) -> list[int]:
    """Return the boundaries marked valid for a frame, latest first; -1 is the image."""
    found = find_frame(file, stamp_ns)
    if found is None:
        return []
    arena, sequence = found
    words = file.heads[arena][BOUNDARIES : BOUNDARIES + len(plan.stages) + 1]
    return [int(place) - 1 for place in np.flatnonzero(words == sequence)[::-1]]
