# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Which element of a stage's live output a fault hits: every element is equally likely."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch

from restage.faults.effects.shot import NotThisTimeError
from restage.faults.errors import FaultError

Candidates = list[tuple[str, torch.Tensor]]


def candidates(
    outputs: Mapping[str, torch.Tensor], accept: Callable[[torch.dtype], bool], what: str
) -> Candidates:
    """
    Return the output tensors of an accepted type that have an element, by name.

    :raises FaultError: when no tensor is of such a type: no later frame will differ.
    :raises NotThisTimeError: when all of those are empty on this frame.
    """
    typed = [(name, tensor) for name, tensor in outputs.items() if accept(tensor.dtype)]
    if not typed:
        present = ', '.join(f'{name} ({tensor.dtype})' for name, tensor in outputs.items())
        raise FaultError(f'the stage has no output with {what}; its outputs: {present or "none"}')
    filled = [(name, tensor) for name, tensor in typed if tensor.numel()]
    if not filled:
        raise NotThisTimeError
    return filled


def locate(tensors: Candidates, position: int) -> tuple[str, torch.Tensor, int]:
    """Return the tensor and the flat index in it of element ``position`` of all of them."""
    for name, tensor in tensors:
        if position < tensor.numel():
            return name, tensor, position
        position -= tensor.numel()
    raise IndexError(position)


def total(tensors: Candidates) -> int:
    """Return the number of elements of all tensors together."""
    return sum(tensor.numel() for _, tensor in tensors)
