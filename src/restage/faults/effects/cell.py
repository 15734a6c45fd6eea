# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The memory cell that a fault of the network hits: one element of one tensor, one bit of it."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from restage.faults.bits import Change, width
from restage.faults.effects.outputs import Candidates, locate, total
from restage.faults.effects.shot import Shot


@dataclass(frozen=True)
class Cell:
    """An element by the name of the tensor and the flat row-major index; ``bit`` -1: all of it."""

    tensor: str
    element: int
    bit: int

    def __str__(self) -> str:
        bit = f' bit {self.bit}' if self.bit >= 0 else ''
        return f'{self.tensor}[{self.element}]{bit}'

    def tell(self, change: Change) -> str:
        """Return what was changed, in words."""
        return f'{self}: {change.old:.9g} -> {change.new:.9g}'


def cell_of(shot: Shot, tensors: Candidates) -> Cell:
    """
    Return the cell of ``tensors`` that the parameters name; the seed chooses what is open.

    A fault that fires more than once hits the same cell every time, as a broken one would.
    """
    known = shot.memory.get('cell')
    if isinstance(known, Cell):
        return known
    # Of the seed alone: a later firing that is played again by itself finds the same cell.
    rng = Random(f'{shot.fault.seed}/cell')
    name, tensor, element = locate(tensors, rng.randrange(total(tensors)))
    if shot.integer('element') >= 0:
        element = shot.integer('element')
    bit = rng.randrange(width(tensor.dtype))
    if 'bit' not in shot.fault.parameters:
        bit = -1
    elif shot.integer('bit') >= 0:
        bit = shot.integer('bit')
    cell = Cell(name, element, bit)
    shot.memory['cell'] = cell
    return cell
