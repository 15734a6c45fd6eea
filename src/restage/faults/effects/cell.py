# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The memory cell that a bit flip hits: one bit of one element of one tensor."""

from __future__ import annotations

from dataclasses import dataclass

from restage.faults.bits import width
from restage.faults.effects.outputs import Candidates, locate, total
from restage.faults.effects.shot import Shot


@dataclass(frozen=True)
class Cell:
    """One bit of one element, by the name of the tensor and the flat row-major index."""

    tensor: str
    element: int
    bit: int

    def __str__(self) -> str:
        return f'{self.tensor}[{self.element}] bit {self.bit}'


def choose_cell(shot: Shot, tensors: Candidates) -> Cell:
    """Return the cell of ``tensors`` that the parameters name; the seed chooses what is open."""
    name, tensor, element = locate(tensors, shot.rng.randrange(total(tensors)))
    if shot.integer('element') >= 0:
        element = shot.integer('element')
    bit = shot.rng.randrange(width(tensor.dtype))
    if shot.integer('bit') >= 0:
        bit = shot.integer('bit')
    return Cell(name, element, bit)
