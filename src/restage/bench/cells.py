# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Fault classes, recovery arms, and which of them go together."""

from __future__ import annotations

from dataclasses import dataclass, field

from restage.faults.parameters import Value

# Longer than any stage may take, and than the whole of a camera's FTTI.
DELAY_MS = 400.0


@dataclass(frozen=True)
class FaultClass:
    """
    A class of faults: ``kind`` of the taxonomy with ``parameters``, in stage after stage.

    ``stages``: where it is injected, in turn. ``soft``: the process lives and knows of the error.
    An empty ``kind``: the recovery node is killed.
    """

    kind: str
    parameters: dict[str, Value] = field(default_factory=dict)
    soft: bool = False


# Those with weights: a fault of any class can strike there.
# So far through the model: those stages of the bundled one that have weights.
STAGES = ('14%', '29%', '43%', '57%', '71%', '86%')

FAULTS: dict[str, FaultClass] = {
    'exception': FaultClass('nn.stage.exception', soft=True),
    'nan': FaultClass('nn.neuron.nan', soft=True),
    'weight_bit_flip': FaultClass('nn.weight.bit_flip', soft=True),
    'delay': FaultClass('timing.delay', {'delay_ms': DELAY_MS}),
    'hang_python': FaultClass('timing.hang', {'mode': 'python'}),
    'hang_native': FaultClass('timing.hang', {'mode': 'native'}),
    'sigstop': FaultClass('timing.stop'),
    'sigkill': FaultClass('proc.kill'),
    'sigsegv': FaultClass('proc.segv'),
    'recovery_node_death': FaultClass(''),
}

# The recovery node's policy in each arm.
ARMS: dict[str, str] = {
    'stage_resume': 'ladder',
    'whole_frame_rerun': 'whole_frame_rerun',
    'model_reload': 'model_reload',
    'standby_failover': 'standby_failover',
    'process_reset': 'process_reset',
}
IN_PLACE = ('stage_resume', 'whole_frame_rerun', 'model_reload')

WHY_NOT = {
    'soft': 'a process that is dead, or whose inference thread hangs, cannot be cured in place',
    'recovery_node_death': 'without a recovery node there is one policy: the node retries itself',
}


def why_not(arm: str, fault: str) -> str:
    """Return why there is no such cell, or an empty string."""
    if fault == 'recovery_node_death':
        return '' if arm in ('stage_resume', 'standby_failover') else WHY_NOT[fault]
    if arm in IN_PLACE and not FAULTS[fault].soft:
        return WHY_NOT['soft']
    return ''


def cells(arms: list[str], faults: list[str]) -> list[tuple[str, str]]:
    """Return the cells there are, arm by arm."""
    return [(arm, fault) for arm in arms for fault in faults if not why_not(arm, fault)]


def not_applicable(arms: list[str], faults: list[str]) -> dict[tuple[str, str], str]:
    """Return the cells there are not, each with the reason."""
    every = [(arm, fault) for arm in arms for fault in faults]
    return {(arm, fault): why_not(arm, fault) for arm, fault in every if why_not(arm, fault)}
