# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Every kind of fault that this release can inject, its mechanism and its parameters."""

from __future__ import annotations

from restage.faults.enums import When
from restage.faults.errors import FaultError, not_accepted
from restage.faults.kind import FaultKind
from restage.faults.parameters import ParameterSpec

ANYWHERE = (When.DURING, When.BEFORE, When.AFTER)

BIT = ParameterSpec(
    name='bit',
    value_type=int,
    default=-1,
    low=-1,
    high=63,
    help_text='0 is the lowest; -1: chosen with the seed',
)
ELEMENT = ParameterSpec(
    name='element',
    value_type=int,
    default=-1,
    low=-1,
    high=2**31 - 1,
    help_text='flat row-major index; -1: chosen with the seed',
)
AFTER_MS = ParameterSpec(
    name='after_ms',
    value_type=float,
    default=-1.0,
    low=-1.0,
    high=600_000.0,
    unit='ms',
    help_text='from the start of the stage (its end at the latest); negative: half of its last '
    'duration; only with when=during',
)

KINDS: tuple[FaultKind, ...] = (
    FaultKind(
        name='nn.neuron.nan',
        mechanism='writes NaN into elements of the live stage output',
        moments=(When.AFTER,),
        needs_output=True,
        parameters=(
            ParameterSpec(
                name='count',
                value_type=int,
                default=1,
                low=1,
                high=1_000_000,
                help_text='elements to overwrite, chosen with the seed',
            ),
        ),
    ),
    FaultKind(
        name='nn.neuron.bit_flip',
        mechanism='flips exactly one bit (IEEE 754) of one element of the live stage output',
        moments=(When.AFTER,),
        needs_output=True,
        parameters=(
            BIT,
            ELEMENT,
            ParameterSpec(
                name='tensor',
                value_type=str,
                default='',
                help_text='name of the output tensor; empty: chosen with the seed',
            ),
        ),
    ),
    FaultKind(
        name='nn.weight.bit_flip',
        mechanism='flips exactly one bit (IEEE 754) of one element of a live weight, for good: '
        'until the weights are loaded again',
        moments=(When.BEFORE, When.AFTER),
        needs_weights=True,
        parameters=(
            BIT,
            ELEMENT,
            ParameterSpec(
                name='tensor',
                value_type=str,
                default='',
                help_text="name of the weight; empty: one of the stage's, chosen with the seed",
            ),
        ),
    ),
    FaultKind(
        name='nn.stage.exception',
        mechanism='hands the stage one input of a wrong shape, so that the framework raises',
        moments=(When.BEFORE,),
    ),
    FaultKind(
        name='timing.delay',
        mechanism='stalls the inference thread inside the stage',
        moments=ANYWHERE,
        parameters=(
            ParameterSpec(
                name='delay_ms',
                value_type=float,
                default=15.0,
                low=0.0,
                high=600_000.0,
                unit='ms',
                help_text='length of the stall',
            ),
            ParameterSpec(
                name='mode',
                value_type=str,
                default='busy',
                choices=('busy', 'sleep'),
                help_text='busy: native computation uses the core; sleep: the core is free',
            ),
        ),
    ),
    FaultKind(
        name='timing.hang',
        mechanism='the inference thread never comes back from the stage',
        moments=ANYWHERE,
        deadly=True,
        parameters=(
            ParameterSpec(
                name='mode',
                value_type=str,
                default='python',
                choices=('python', 'python_busy', 'native', 'native_free'),
                help_text='python: waits for a lock that nobody releases; python_busy: endless '
                'loop in bytecode; native: endless loop in C that holds the GIL, so that the '
                'whole process hangs; native_free: endless torch operation, GIL released',
            ),
        ),
    ),
    FaultKind(
        name='timing.stop',
        mechanism='SIGSTOP to the own process in the middle of the stage; after a SIGCONT the '
        'stage goes on',
        moments=ANYWHERE,
        parameters=(AFTER_MS,),
    ),
    FaultKind(
        name='proc.kill',
        mechanism='SIGKILL to the own process in the middle of the stage',
        moments=ANYWHERE,
        deadly=True,
        parameters=(AFTER_MS,),
    ),
    FaultKind(
        name='proc.segv',
        mechanism='a write through a null pointer in the middle of the stage; no core dump',
        moments=ANYWHERE,
        deadly=True,
        parameters=(AFTER_MS,),
    ),
    FaultKind(
        name='proc.abort',
        mechanism='abort() in the middle of the stage; no core dump',
        moments=ANYWHERE,
        deadly=True,
        parameters=(AFTER_MS,),
    ),
)


def find_kind(name: str) -> FaultKind:
    """
    Return the kind called ``name``.

    :raises FaultError: when there is none; names the nearest and all there are.
    """
    for kind in KINDS:
        if kind.name == name:
            return kind
    raise FaultError(not_accepted('fault kind', name, (kind.name for kind in KINDS)))
