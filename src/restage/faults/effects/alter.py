# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""How a memory cell is altered: its new bits from its old ones."""

from __future__ import annotations

from collections.abc import Callable

import torch

from restage.faults.bits import encode, mask
from restage.faults.effects.shot import Shot

# Of a shot, the type of the element, the bit and the old bits of the element: its new bits.
Alter = Callable[[Shot, torch.dtype, int, int], int]


def flipped(_: Shot, dtype: torch.dtype, bit: int, raw: int) -> int:
    """Return ``raw`` with the bit flipped."""
    return raw ^ mask(dtype, bit)


def cleared(_: Shot, dtype: torch.dtype, bit: int, raw: int) -> int:
    """Return ``raw`` with the bit at 0."""
    return raw & ~mask(dtype, bit)


def raised(_: Shot, dtype: torch.dtype, bit: int, raw: int) -> int:
    """Return ``raw`` with the bit at 1."""
    return raw | mask(dtype, bit)


def stuck(shot: Shot, dtype: torch.dtype, bit: int, raw: int) -> int:
    """Return ``raw`` with the bit at the parameter ``value``, 0 or 1."""
    return (raised if shot.integer('value') else cleared)(shot, dtype, bit, raw)


def replaced(shot: Shot, dtype: torch.dtype, _bit: int, _raw: int) -> int:
    """Return the bits of the parameter ``value``."""
    return encode(dtype, shot.double('value'))
