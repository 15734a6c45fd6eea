# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What each kind of fault does to a stage; the keys are those of the taxonomy."""

from __future__ import annotations

from collections.abc import Callable

from restage.faults.effects.delay import stall
from restage.faults.effects.exception import give_wrong_shape
from restage.faults.effects.flip import flip_one_bit
from restage.faults.effects.kill import kill_own_process
from restage.faults.effects.nan import write_nan
from restage.faults.effects.shot import Shot

EFFECTS: dict[str, Callable[[Shot], None]] = {
    'nn.neuron.nan': write_nan,
    'nn.neuron.bit_flip': flip_one_bit,
    'nn.stage.exception': give_wrong_shape,
    'timing.delay': stall,
    'proc.kill': kill_own_process,
}
