# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""How much room a model's checkpoints need, and how fast they are written."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from restage.checkpoint.bandwidth import measure
from restage.checkpoint.folder import SHARED_MEMORY
from restage.stages.loading import warm_up
from restage.stages.model import StagedModel
from restage.stages.runner import StageRunner

# A tensor of a few numbers has no bandwidth worth telling, and its place no fewer bytes.
SMALLEST = 64 * 1024
MIB = 1024 * 1024
# The recovery node's default, and what there is beside tensors: an image of Full HD, twice.
DEFAULT_MB, BESIDE_MB = 32, 16


def room_mb(model: StagedModel) -> int:
    """Return the ``store_capacity_mb`` that is enough for checkpoints at any boundaries, MiB."""
    state = warm_up(StageRunner(model))
    room = sum(max(state[name].nbytes, SMALLEST) for name in _alive(model))
    return max(DEFAULT_MB, -(-2 * room // MIB) + BESIDE_MB)


def store_bandwidth(model: StagedModel) -> list[dict[str, Any]]:
    """Return GB/s of copy and commit for every tensor that lives on a boundary, by name."""
    state = warm_up(StageRunner(model))
    chosen = {name: state[name].nbytes for name in _alive(model) if state[name].nbytes >= SMALLEST}
    found = measure(SHARED_MEMORY, list(chosen.values()))
    return [
        {
            'tensor': name,
            **{key: round(value, 2) for key, value in asdict(one).items()},
            'percent_of_memcpy': round(100 * one.ratio, 1),
        }
        for name, one in zip(chosen, found, strict=True)
    ]


def _alive(model: StagedModel) -> list[str]:
    """Return every tensor that lives on a boundary."""
    boundaries = range(-1, len(model.stages))
    return list(dict.fromkeys(n for boundary in boundaries for n in model.live_after(boundary)))
