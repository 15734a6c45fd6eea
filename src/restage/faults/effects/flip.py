# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""``nn.neuron.bit_flip``: one bit of one element of the live stage output."""

from __future__ import annotations

import time

from restage.faults.bits import flip_bit, has_bits
from restage.faults.effects.cell import choose_cell
from restage.faults.effects.outputs import candidates
from restage.faults.effects.shot import Shot


def flip_one_bit(shot: Shot) -> None:
    """
    Flip one bit; what the parameters leave open is chosen with the seed.

    :raises FaultError: when the output has no such element or bit, or no type with bits.
    :raises NotThisTimeError: when the output is empty.
    """
    outputs = shot.outputs
    wanted = shot.text('tensor')
    if wanted:
        outputs = {wanted: outputs[wanted]}
    cell = choose_cell(shot, candidates(outputs, has_bits, 'elements whose bits can be flipped'))
    now = time.monotonic_ns()
    flip = flip_bit(outputs[cell.tensor], cell.element, cell.bit)
    shot.report(f'{cell}: {flip.old:.9g} -> {flip.new:.9g}', now)
