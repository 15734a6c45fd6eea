# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""``output.*``: detections that are wrong in themselves, before they are published."""

from __future__ import annotations

from restage.faults.enums import When
from restage.faults.kind import FaultKind
from restage.faults.parameters import ParameterSpec


def _pixels(name: str, default: float, low: float, help_text: str) -> ParameterSpec:
    return ParameterSpec(
        name=name,
        value_type=float,
        default=default,
        low=low,
        high=100_000.0,
        unit='px',
        help_text=help_text,
    )


def _output(name: str, mechanism: str, *parameters: ParameterSpec) -> FaultKind:
    return FaultKind(
        name=f'output.{name}',
        mechanism=mechanism,
        moments=(When.AFTER,),
        needs_detections=True,
        parameters=parameters,
    )


OUTPUT = (
    _output(
        'box',
        'moves the box of one detection, chosen with the seed',
        _pixels('dx', 50.0, -100_000.0, 'to the right'),
        _pixels('dy', 0.0, -100_000.0, 'down'),
    ),
    _output(
        'class_',
        'gives one detection, chosen with the seed, another class',
        ParameterSpec(
            name='class_id',
            value_type=int,
            default=-1,
            low=-1,
            high=1_000_000,
            help_text='-1: another one of the model, chosen with the seed',
        ),
    ),
    _output(
        'score',
        'gives one detection, chosen with the seed, another score',
        ParameterSpec(name='score', value_type=float, default=0.01, help_text='of any value'),
    ),
    _output(
        'ghost',
        'adds a detection of something that is not there',
        _pixels('width', 60.0, 0.0, 'of the box'),
        _pixels('height', 60.0, 0.0, 'of the box'),
        _pixels('x', -1.0, -1.0, 'of its left edge; -1: chosen with the seed'),
        _pixels('y', -1.0, -1.0, 'of its upper edge; -1: chosen with the seed'),
        ParameterSpec(
            name='score', value_type=float, default=0.9, low=0.0, high=1.0, help_text='its score'
        ),
    ),
    _output('miss', 'removes one detection, chosen with the seed'),
)
