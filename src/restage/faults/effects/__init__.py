# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What each kind of fault does to a stage; the keys are those of the taxonomy."""

from __future__ import annotations

from collections.abc import Callable

from restage.faults.effects.abort import abort_own_process
from restage.faults.effects.delay import stall
from restage.faults.effects.exception import give_wrong_shape
from restage.faults.effects.flip import flip_one_bit
from restage.faults.effects.hang import hang_for_ever
from restage.faults.effects.kill import kill_own_process
from restage.faults.effects.nan import write_nan
from restage.faults.effects.segv import write_to_null
from restage.faults.effects.shot import Shot
from restage.faults.effects.stop import stop_own_process
from restage.faults.effects.weight import flip_weight_bit

EFFECTS: dict[str, Callable[[Shot], None]] = {
    'nn.neuron.nan': write_nan,
    'nn.neuron.bit_flip': flip_one_bit,
    'nn.weight.bit_flip': flip_weight_bit,
    'nn.stage.exception': give_wrong_shape,
    'timing.delay': stall,
    'timing.hang': hang_for_ever,
    'timing.stop': stop_own_process,
    'proc.kill': kill_own_process,
    'proc.segv': write_to_null,
    'proc.abort': abort_own_process,
}
