# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""``nn.weight.*``: one element of a live weight is altered."""

from __future__ import annotations

import time
from collections.abc import Callable

from restage.faults.bits import raw_of, write_raw
from restage.faults.effects.alter import Alter
from restage.faults.effects.cell import cell_of
from restage.faults.effects.outputs import Candidates
from restage.faults.effects.shot import NotThisTimeError, Shot
from restage.faults.enums import Persistence
from restage.faults.weights import flippable, named_after


def alter_weight(alter: Alter, *, held: bool) -> Callable[[Shot], None]:
    """
    Return the effect that alters one element of a weight.

    Unless the fault is permanent, the weight is as it was when the frame ends. A permanent one
    stays until the weights are loaded again; if it is ``held``, like a broken memory cell, it is
    then there again, and else it was the only one.

    The effect raises FaultError when the weight has no such element or bit, and NotThisTimeError
    while the weight still is as the fault left it.
    """

    def effect(shot: Shot) -> None:
        cell = cell_of(shot, _weights_to_hit(shot))
        weight = shot.weights[cell.tensor]
        old = raw_of(weight, cell.element)
        left = shot.memory.get('left')
        permanent = shot.fault.persistence is Persistence.PERMANENT
        if left == old or (left is not None and permanent and not held):
            raise NotThisTimeError
        new = alter(shot, weight.dtype, cell.bit, old)
        now = time.monotonic_ns()
        shot.memory['left'] = new
        shot.report(cell.tell(write_raw(weight, cell.element, new)), now)
        if permanent:
            return

        def undo() -> None:
            shot.memory.pop('left', None)
            # Somebody may have repaired it since.
            if raw_of(weight, cell.element) == new:
                write_raw(weight, cell.element, old)

        shot.undo.append(undo)

    return effect


def _weights_to_hit(shot: Shot) -> Candidates:
    weights = flippable(shot.weights)
    wanted = shot.text('tensor')
    names = [wanted] if wanted else named_after(shot.stage, weights) or list(weights)
    return [(name, weights[name]) for name in names]
