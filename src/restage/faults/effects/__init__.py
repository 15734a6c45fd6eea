# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What each kind of fault does to a stage; the keys are those of the taxonomy."""

from __future__ import annotations

from collections.abc import Callable

from restage.faults.effects.abort import abort_own_process
from restage.faults.effects.alter import cleared, flipped, raised, replaced, stuck
from restage.faults.effects.cuda import take_all_gpu_memory, write_to_bad_address
from restage.faults.effects.delay import stall
from restage.faults.effects.detections import (
    add_ghost,
    change_class,
    change_score,
    move_box,
    remove_one,
)
from restage.faults.effects.exception import give_wrong_shape
from restage.faults.effects.exhaust import leak, take_all
from restage.faults.effects.hang import hang_for_ever
from restage.faults.effects.heap import free_too_early, free_twice, write_beyond_end
from restage.faults.effects.hog import hog_cores
from restage.faults.effects.kill import kill_own_process
from restage.faults.effects.nan import write_nan
from restage.faults.effects.neuron import alter_output
from restage.faults.effects.null import read_from_null
from restage.faults.effects.segv import write_to_null
from restage.faults.effects.shot import Shot
from restage.faults.effects.stop import stop_own_process
from restage.faults.effects.weight import alter_weight

EFFECTS: dict[str, Callable[[Shot], None]] = {
    'nn.neuron.nan': write_nan,
    'nn.neuron.bit_flip': alter_output(flipped),
    'nn.neuron.stuck_at': alter_output(stuck),
    'nn.neuron.set_value': alter_output(replaced),
    'nn.weight.bit_flip': alter_weight(flipped, held=False),
    'nn.weight.stuck_at_0': alter_weight(cleared, held=True),
    'nn.weight.stuck_at_1': alter_weight(raised, held=True),
    'nn.weight.set_value': alter_weight(replaced, held=False),
    'nn.stage.exception': give_wrong_shape,
    'output.box': move_box,
    'output.class_': change_class,
    'output.score': change_score,
    'output.ghost': add_ghost,
    'output.miss': remove_one,
    'timing.delay': stall,
    'timing.hang': hang_for_ever,
    'timing.stop': stop_own_process,
    'timing.cpu_hog': hog_cores,
    'mem.use_after_free': free_too_early,
    'mem.double_free': free_twice,
    'mem.oob_write': write_beyond_end,
    'mem.leak': leak,
    'mem.oom': take_all,
    'mem.null_deref': read_from_null,
    'gpu.illegal_address': write_to_bad_address,
    'gpu.oom': take_all_gpu_memory,
    'proc.kill': kill_own_process,
    'proc.segv': write_to_null,
    'proc.abort': abort_own_process,
}
