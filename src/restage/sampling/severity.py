# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""How far a fault moves the value it hits: known before anything is run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from restage.sampling.space import FaultSpace, Integers
from restage.sampling.storage import Floats

# Edges of |new - old| over the root mean square of the tensor. Class 0: nothing changes; then one
# class below each edge, one above all, and one for values that are no number.
EDGES = 2.0 ** np.array([-6.0, -2.0, 0.0, 1.0, 2.0, 4.0, 8.0, 32.0])
CLASSES = len(EDGES) + 3


@dataclass(frozen=True)
class Strata:
    """
    A partition of the faults by layer, bit, severity and direction.

    ``of``: the stratum of each fault (int32). For each stratum, ``layer``, ``bit``, ``severity``
    (0 to CLASSES - 1) and ``up`` (1: to a larger value, else 0), and how many faults it has.
    """

    of: NDArray[np.int32]
    layer: Integers
    bit: Integers
    severity: Integers
    up: Integers
    sizes: Integers


def stratify(space: FaultSpace) -> Strata:
    """Return the strata of all faults of ``space``, whose ``raw`` bits are known (S x E)."""
    assert space.raw is not None
    raw = np.atleast_2d(space.raw)
    clean = _decoded(space, raw)
    scale = _root_mean_squares(space, clean)
    severity = np.empty((space.elements, space.positions), np.int8)
    up = np.empty_like(severity)
    with np.errstate(invalid='ignore', over='ignore'):
        for bit in range(space.positions):
            moved = _decoded(space, space.model.apply(raw, bit)) - clean
            far = np.abs(moved).mean(axis=0) / scale
            finite = np.isfinite(far)
            found = 1 + np.searchsorted(EDGES, np.where(finite, far, 0.0), side='right')
            found[far == 0.0] = 0
            found[~finite] = CLASSES - 1
            severity[:, bit] = found
            up[:, bit] = np.nan_to_num(moved).sum(axis=0) > 0.0
    bits = np.arange(space.positions, dtype=np.int32)
    layers = space.layer.astype(np.int32)[:, None]
    key = ((layers * space.positions + bits) * CLASSES + severity) * 2 + up
    keys, of, sizes = np.unique(key.reshape(-1), return_inverse=True, return_counts=True)
    rest, directions = np.divmod(keys, 2)
    rest, severities = np.divmod(rest, CLASSES)
    of_layer, of_bit = np.divmod(rest, space.positions)
    return Strata(of.astype(np.int32), of_layer, of_bit, severities, directions, sizes)


def _decoded(space: FaultSpace, raw: NDArray[np.uint32]) -> Floats:
    """Return the values of ``raw`` (S x E), each in the scale of its site."""
    values = np.empty(raw.shape, np.float32)
    for number, site in enumerate(space.sites):
        own = space.site == number
        if own.any():
            values[:, own] = space.storage.decode(raw[:, own], site.scale)
    return values


def _root_mean_squares(space: FaultSpace, clean: Floats) -> Floats:
    """Return for each element the root mean square of what is known of its site."""
    found = np.ones(space.elements, np.float32)
    for number in range(len(space.sites)):
        own = space.site == number
        if own.any():
            found[own] = max(float(np.sqrt(np.mean(np.square(clean[:, own])))), 1e-12)
    return found
