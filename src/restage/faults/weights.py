# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Which weights of a model a fault can hit, and which stage uses them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import torch

from restage.faults.bits import has_bits
from restage.stages.model import Stage


def flippable(weights: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Return the weights that have an element whose bits can be flipped."""
    return {
        name: tensor
        for name, tensor in weights.items()
        if tensor.numel() and has_bits(tensor.dtype)
    }


def named_after(stage: Stage, names: Iterable[str]) -> list[str]:
    """Return those names that are weights of ``stage``, or begin with its name and a dot."""
    own = set(stage.weights)
    return [name for name in names if name in own or name.startswith(f'{stage.name}.')]
