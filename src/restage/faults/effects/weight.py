# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""``nn.weight.bit_flip``: one bit of one element of a live weight."""

from __future__ import annotations

import time
from dataclasses import dataclass

from restage.faults.bits import bit_of, flip_bit
from restage.faults.effects.cell import Cell, choose_cell
from restage.faults.effects.outputs import Candidates
from restage.faults.effects.shot import NotThisTimeError, Shot
from restage.faults.weights import flippable, named_after


@dataclass(frozen=True)
class _StuckBit:
    cell: Cell
    value: bool


def flip_weight_bit(shot: Shot) -> None:
    """
    Flip one bit of a weight; nothing but loading the weights again brings it back.

    A fault that lasts chooses its bit once and holds it at the flipped value, like a broken
    memory cell: it never flips it back, and fires again only after the bit was repaired.

    :raises FaultError: when the weight has no such element or bit.
    :raises NotThisTimeError: when the bit is still as the fault left it.
    """
    stuck = shot.memory.get('stuck')
    if not isinstance(stuck, _StuckBit):
        cell = choose_cell(shot, _weights_to_hit(shot))
        stuck = _StuckBit(cell, not bit_of(shot.weights[cell.tensor], cell.element, cell.bit))
        shot.memory['stuck'] = stuck
    cell = stuck.cell
    weight = shot.weights[cell.tensor].detach()
    if bit_of(weight, cell.element, cell.bit) is stuck.value:
        raise NotThisTimeError
    now = time.monotonic_ns()
    flip = flip_bit(weight, cell.element, cell.bit)
    shot.report(f'{cell}: {flip.old:.9g} -> {flip.new:.9g}', now)


def _weights_to_hit(shot: Shot) -> Candidates:
    weights = flippable(shot.weights)
    wanted = shot.text('tensor')
    names = [wanted] if wanted else named_after(shot.stage, weights) or list(weights)
    return [(name, weights[name]) for name in names]
