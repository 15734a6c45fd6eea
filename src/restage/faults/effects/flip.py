# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""``nn.neuron.bit_flip``: one bit of one element of the live stage output."""

from __future__ import annotations

import time

from restage.faults.bits import flip_bit, has_bits, width
from restage.faults.effects.outputs import candidates, locate, total
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
    tensors = candidates(outputs, has_bits, 'elements whose bits can be flipped')
    name, tensor, index = locate(tensors, shot.rng.randrange(total(tensors)))
    if shot.integer('element') >= 0:
        index = shot.integer('element')
    bit = shot.rng.randrange(width(tensor.dtype))
    if shot.integer('bit') >= 0:
        bit = shot.integer('bit')
    now = time.monotonic_ns()
    flip = flip_bit(tensor, index, bit)
    shot.report(f'{name}[{index}] bit {bit}: {flip.old:.9g} -> {flip.new:.9g}', now)
