# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""``input.*`` and ``comm.*``: images that are wrong, late or missing on their way."""

from __future__ import annotations

from restage.faults.enums import When
from restage.faults.kind import FaultKind, Place
from restage.faults.kinds.common import count, milliseconds
from restage.faults.parameters import ParameterSpec


def _stream(name: str, mechanism: str, *parameters: ParameterSpec) -> FaultKind:
    return FaultKind(
        name=name,
        mechanism=mechanism,
        moments=(When.BEFORE,),
        place=Place.STREAM,
        parameters=parameters,
    )


STREAM = (
    _stream('input.drop', 'the camera skips an image'),
    _stream('input.freeze', 'the camera sends the pixels of the image before under a new stamp'),
    _stream(
        'input.delay',
        'the camera sends an image late; those behind it wait',
        milliseconds('delay_ms', 100.0, 'how late'),
    ),
    _stream('input.reorder', 'an image is sent after the one that follows it'),
    _stream(
        'input.partial_loss',
        'the lower rows of an image are lost: they are those of the image before',
        ParameterSpec(
            name='fraction',
            value_type=float,
            default=0.5,
            low=0.0,
            high=1.0,
            help_text='of the rows',
        ),
    ),
    _stream(
        'input.noise',
        'Gaussian noise on every pixel',
        ParameterSpec(
            name='sigma',
            value_type=float,
            default=25.0,
            low=0.0,
            high=255.0,
            help_text='standard deviation in steps of 0..255',
        ),
    ),
    _stream(
        'input.bit_corrupt',
        'flips bits of the image data, chosen with the seed',
        count(1_000, 10_000_000, 'bits to flip'),
    ),
    _stream('comm.drop', 'a message is lost between two nodes'),
    _stream(
        'comm.delay',
        'a message is late between two nodes, and is overtaken by others',
        milliseconds('delay_ms', 50.0, 'how late'),
    ),
    _stream(
        'comm.partition',
        'no message passes between two nodes for a while',
        milliseconds('partition_ms', 500.0, 'how long'),
    ),
)
