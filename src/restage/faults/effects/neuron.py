# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""``nn.neuron.*``: one element of the live stage output is altered."""

from __future__ import annotations

import time
from collections.abc import Callable

from restage.faults.bits import has_bits, raw_of, write_raw
from restage.faults.effects.alter import Alter
from restage.faults.effects.cell import cell_of
from restage.faults.effects.outputs import candidates
from restage.faults.effects.shot import NotThisTimeError, Shot


def alter_output(alter: Alter) -> Callable[[Shot], None]:
    """
    Return the effect that alters one element; what the parameters leave open the seed chooses.

    The effect raises FaultError when the output has no such element or bit, or no type with bits,
    and NotThisTimeError when the output is empty, or the element of a fault that fires again is
    beyond its end.
    """

    def effect(shot: Shot) -> None:
        outputs = shot.outputs
        wanted = shot.text('tensor')
        if wanted:
            outputs = {wanted: outputs[wanted]}
        tensors = candidates(outputs, has_bits, 'elements whose bits can be set')
        again = 'cell' in shot.memory
        cell = cell_of(shot, tensors)
        tensor = outputs[cell.tensor]
        if again and cell.element >= tensor.numel():
            raise NotThisTimeError
        raw = alter(shot, tensor.dtype, cell.bit, raw_of(tensor, cell.element))
        now = time.monotonic_ns()
        shot.report(cell.tell(write_raw(tensor, cell.element, raw)), now)

    return effect
