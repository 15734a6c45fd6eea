# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""How fast this model's checkpoints are written, against a plain copy."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from restage.checkpoint.bandwidth import measure
from restage.checkpoint.folder import SHARED_MEMORY
from restage.stages.loading import warm_up
from restage.stages.model import StagedModel
from restage.stages.runner import StageRunner

# A tensor of a few numbers has no bandwidth worth telling.
SMALLEST = 64 * 1024


def store_bandwidth(model: StagedModel) -> list[dict[str, Any]]:
    """Return GB/s of copy and commit for every tensor that lives on a boundary, by name."""
    state = warm_up(StageRunner(model))
    boundaries = range(-1, len(model.stages))
    names = dict.fromkeys(name for boundary in boundaries for name in model.live_after(boundary))
    chosen = {name: state[name].nbytes for name in names if state[name].nbytes >= SMALLEST}
    found = measure(SHARED_MEMORY, list(chosen.values()))
    return [
        {
            'tensor': name,
            **{key: round(value, 2) for key, value in asdict(one).items()},
            'percent_of_memcpy': round(100 * one.ratio, 1),
        }
        for name, one in zip(chosen, found, strict=True)
    ]
