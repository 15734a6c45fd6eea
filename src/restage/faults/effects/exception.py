# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""``nn.stage.exception``: the framework itself raises, over an input of a wrong shape."""

from __future__ import annotations

import time

import torch

from restage.faults.effects.shot import Shot


def give_wrong_shape(shot: Shot) -> None:
    """Replace one input, chosen with the seed, for this call; the original is not touched."""
    name = shot.rng.choice(shot.stage.inputs)
    original = shot.inputs[name]
    replacement = misshapen(original)
    now = time.monotonic_ns()
    shot.inputs = {**shot.inputs, name: replacement}
    shot.report(
        f'input {name} has shape {tuple(replacement.shape)} instead of {tuple(original.shape)}',
        now,
    )


def misshapen(tensor: torch.Tensor) -> torch.Tensor:
    """
    Return a 1-dimensional copy of ``tensor`` with one element too few.

    Of another rank and of a length that cannot be reshaped back: convolutions, permutations,
    concatenations and views refuse it. A tensor of at most one element becomes two elements.
    """
    with torch.inference_mode():
        if tensor.numel() <= 1:
            return tensor.new_zeros(2)
        return tensor.flatten()[:-1].clone()
