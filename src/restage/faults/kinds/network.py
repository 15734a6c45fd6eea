# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""``nn.*``: values that the network computes with, or computes."""

from __future__ import annotations

from restage.faults.enums import When
from restage.faults.kind import FaultKind
from restage.faults.kinds.common import count
from restage.faults.parameters import ParameterSpec

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
OUTPUT = ParameterSpec(
    name='tensor',
    value_type=str,
    default='',
    help_text='name of the output tensor; empty: chosen with the seed',
)
WEIGHT = ParameterSpec(
    name='tensor',
    value_type=str,
    default='',
    help_text="name of the weight; empty: one of the stage's, chosen with the seed",
)
STUCK_VALUE = ParameterSpec(
    name='value', value_type=int, default=1, low=0, high=1, help_text='of the bit'
)
NEW_VALUE = ParameterSpec(
    name='value',
    value_type=float,
    default=0.0,
    help_text='of the element, rounded to its type',
)
ONE_FRAME = 'until the end of the frame; permanent: until the weights are loaded again'


def _neuron(name: str, mechanism: str, *parameters: ParameterSpec) -> FaultKind:
    return FaultKind(
        name=f'nn.neuron.{name}',
        mechanism=mechanism,
        moments=(When.AFTER,),
        needs_output=True,
        parameters=parameters,
    )


def _weight(name: str, mechanism: str, *parameters: ParameterSpec) -> FaultKind:
    return FaultKind(
        name=f'nn.weight.{name}',
        mechanism=mechanism,
        moments=(When.BEFORE, When.AFTER),
        needs_weights=True,
        parameters=(*parameters, ELEMENT, WEIGHT),
    )


NETWORK = (
    _neuron(
        'nan',
        'writes NaN into elements of the live stage output',
        count(1, 1_000_000, 'elements to overwrite, chosen with the seed'),
    ),
    _neuron(
        'bit_flip',
        'flips exactly one bit (IEEE 754) of one element of the live stage output',
        BIT,
        ELEMENT,
        OUTPUT,
    ),
    _neuron(
        'stuck_at',
        'sets exactly one bit (IEEE 754) of one element of the live stage output to 0 or 1',
        STUCK_VALUE,
        BIT,
        ELEMENT,
        OUTPUT,
    ),
    _neuron(
        'set_value',
        'overwrites one element of the live stage output',
        NEW_VALUE,
        ELEMENT,
        OUTPUT,
    ),
    _weight(
        'bit_flip',
        f'flips exactly one bit (IEEE 754) of one element of a live weight, {ONE_FRAME}',
        BIT,
    ),
    _weight(
        'stuck_at_0',
        'sets exactly one bit of one element of a live weight to 0 until the end of the frame; '
        'permanent: a broken memory cell, also after the weights are loaded again',
        BIT,
    ),
    _weight(
        'stuck_at_1',
        'sets exactly one bit of one element of a live weight to 1 until the end of the frame; '
        'permanent: a broken memory cell, also after the weights are loaded again',
        BIT,
    ),
    _weight(
        'set_value',
        f'overwrites one element of a live weight, {ONE_FRAME}',
        NEW_VALUE,
    ),
    FaultKind(
        name='nn.stage.exception',
        mechanism='hands the stage one input of a wrong shape, so that the framework raises',
        moments=(When.BEFORE,),
    ),
)
