# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""``nn.neuron.nan``: NaN in elements of the live stage output."""

from __future__ import annotations

import math
import time

import torch

from restage.faults.bits import element_of
from restage.faults.effects.outputs import candidates, locate, total
from restage.faults.effects.shot import Shot

# Elements whose old value is written out in the report.
SPELLED_OUT = 4


def write_nan(shot: Shot) -> None:
    """
    Write NaN into ``count`` elements, or into all where there are fewer.

    :raises FaultError: when the stage has no floating-point output.
    :raises NotThisTimeError: when its floating-point outputs are empty.
    """
    tensors = candidates(
        shot.outputs, lambda dtype: dtype.is_floating_point, 'floating-point elements'
    )
    count = min(shot.integer('count'), total(tensors))
    hits: dict[str, list[int]] = {}
    for position in sorted(shot.rng.sample(range(total(tensors)), count)):
        name, _, index = locate(tensors, position)
        hits.setdefault(name, []).append(index)
    by_name = dict(tensors)
    spelled = [(name, index) for name, indices in hits.items() for index in indices[:SPELLED_OUT]]
    with torch.inference_mode():
        parts = [
            f'{name}[{index}]: {element_of(by_name[name], index).item():.9g} -> nan'
            for name, index in spelled[:SPELLED_OUT]
        ]
        now = time.monotonic_ns()
        for name, indices in hits.items():
            # One by one: torch.unravel_index imports for half a second at its first call.
            for index in indices:
                element_of(by_name[name], index).fill_(math.nan)
    if count > len(parts):
        parts.append(f'{count - len(parts)} more')
    shot.report('; '.join(parts), now)
